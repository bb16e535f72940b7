import type { ReactNode } from "react";
import css from "./MessageScreen.module.css";

type MessageScreenProps = { icon: ReactNode; title: string; text: string; children: ReactNode };

/** A page that says one thing and offers what to do next. */
export function MessageScreen({ icon, title, text, children }: MessageScreenProps) {
  return (
    <div className={css.screen}>
      <span className={css.icon} aria-hidden="true">
        {icon}
      </span>
      <h1 className={css.title}>{title}</h1>
      <p className={css.text}>{text}</p>
      <div className={css.actions}>{children}</div>
    </div>
  );
}
