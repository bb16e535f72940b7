import type { ReactNode } from "react";
import css from "./Admin.module.css";

/** Stands where nothing is. */
export function EmptyNote({ icon, title, text }: { icon: ReactNode; title: string; text: string }) {
  return (
    <div className={css.empty} role="status">
      <span className={css.emptyIcon} aria-hidden="true">
        {icon}
      </span>
      <p className={css.emptyTitle}>{title}</p>
      <p className={css.emptyText}>{text}</p>
    </div>
  );
}
