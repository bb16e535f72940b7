import type { ButtonHTMLAttributes, ReactNode } from "react";
import { classes } from "./classes";
import { Tooltip } from "./Tooltip";
import css from "./IconButton.module.css";

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label" | "title"> & {
  label: string;
  icon: ReactNode;
  shortcut?: string;
  tone?: "plain" | "filled" | "lit" | "off" | "danger";
  size?: "normal" | "small";
  tooltipSide?: "top" | "bottom";
  /** Something new, in a corner: it wants to be seen. */
  badge?: ReactNode;
  /** A quiet figure in a corner. */
  note?: ReactNode;
  "data-testid"?: string;
  "data-on"?: boolean;
};

/** A square button that shows an icon and is named by `label`, for the eye in a tooltip and for a screen reader. */
export function IconButton({
  label,
  icon,
  shortcut,
  tone = "plain",
  size = "normal",
  tooltipSide = "top",
  badge,
  note,
  className,
  disabled = false,
  onClick,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label} shortcut={shortcut} side={tooltipSide}>
      <button
        type="button"
        {...rest}
        // Not `disabled`: that would drop the keyboard's focus, and the tooltip that says why.
        aria-disabled={disabled || undefined}
        onClick={disabled ? (event) => event.preventDefault() : onClick}
        aria-label={label}
        aria-keyshortcuts={shortcut}
        className={classes(css.button, css[tone], css[size], className)}
      >
        {icon}
        {note !== undefined && <span className={css.note}>{note}</span>}
        {badge !== undefined && <span className={css.badge}>{badge}</span>}
      </button>
    </Tooltip>
  );
}
