import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";
import css from "./Notice.module.css";

const ICONS = { info: Info, ok: CircleCheck, warn: TriangleAlert, error: CircleAlert } as const;

type NoticeProps = { tone: keyof typeof ICONS; title?: string; children?: ReactNode; action?: ReactNode };

/** A box in the page that says what happened and what to do next. An error is read out at once. */
export function Notice({ tone, title, children, action }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div className={classes(css.notice, css[tone])} role={tone === "error" ? "alert" : "status"}>
      <Icon className={css.icon} aria-hidden="true" />
      <div className={css.body}>
        {title !== undefined && <p className={css.title}>{title}</p>}
        {children !== undefined && <div className={css.text}>{children}</div>}
        {action}
      </div>
    </div>
  );
}
