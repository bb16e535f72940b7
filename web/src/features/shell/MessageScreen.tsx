import { useEffect, useRef, type ReactNode } from "react";
import css from "./MessageScreen.module.css";

type MessageScreenProps = { icon: ReactNode; title: string; text: string; children: ReactNode };

/** A page that says one thing and offers what to do next. What was pressed to get here is gone: the focus comes along. */
export function MessageScreen({ icon, title, text, children }: MessageScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={css.screen}>
      <span className={css.icon} aria-hidden="true">
        {icon}
      </span>
      <h1 ref={heading} className={css.title} tabIndex={-1}>
        {title}
      </h1>
      <p className={css.text}>{text}</p>
      <div className={css.actions}>{children}</div>
    </div>
  );
}
