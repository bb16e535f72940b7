import type { ButtonHTMLAttributes, ReactNode } from "react";
import { classes } from "./classes";
import { Spinner } from "./Spinner";
import css from "./Button.module.css";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: "primary" | "secondary" | "quiet" | "danger";
  size?: "normal" | "small" | "large";
  icon?: ReactNode;
  busy?: boolean;
  wide?: boolean;
};

/** A push button with a text. While `busy` it keeps its width and focus, and takes no second press. */
export function Button({
  look = "secondary",
  size = "normal",
  icon,
  busy = false,
  wide = false,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      className={classes(css.button, css[look], css[size], wide && css.wide, className)}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
}
