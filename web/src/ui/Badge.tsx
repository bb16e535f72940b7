import type { ReactNode } from "react";
import { classes } from "./classes";
import css from "./Badge.module.css";

export type Tone = "plain" | "accent" | "ok" | "warn" | "danger";

/** A word that says what kind something is, or how it stands. */
export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={classes(css.badge, css[tone])}>{children}</span>;
}
