import type { ReactNode } from "react";
import css from "./Transcripts.module.css";

/** Stands where there is nothing to show, and says why. */
export function Nothing({ icon, title, text }: { icon: ReactNode; title: string; text: string }) {
  return (
    <section className={css.nothing}>
      {icon}
      <h2>{title}</h2>
      <p>{text}</p>
    </section>
  );
}
