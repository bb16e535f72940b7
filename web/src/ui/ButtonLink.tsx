import type { AnchorHTMLAttributes, ReactNode } from "react";
import { classes } from "./classes";
import css from "./Button.module.css";

type ButtonLinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { icon?: ReactNode; look?: "primary" | "secondary" | "quiet" };

/** A link that looks like a button: it leads somewhere, or fetches a file. */
export function ButtonLink({ icon, look = "secondary", className, children, ...rest }: ButtonLinkProps) {
  return (
    <a {...rest} className={classes(css.button, css[look], css.normal, className)}>
      {icon}
      {children}
    </a>
  );
}
