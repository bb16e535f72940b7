import { useId, type ReactNode } from "react";
import css from "./Profile.module.css";

type CardProps = { title: string; mark?: ReactNode; text?: string; testId?: string; children: ReactNode };

/** One matter of the account page. */
export function Card({ title, mark, text, testId, children }: CardProps) {
  const id = useId();
  return (
    <section className={css.card} aria-labelledby={id} data-testid={testId}>
      <header className={css.cardHead}>
        <h2 id={id} className={css.cardTitle}>
          {title}
        </h2>
        {mark}
      </header>
      {text !== undefined && <p className={css.text}>{text}</p>}
      {children}
    </section>
  );
}
