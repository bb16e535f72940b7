import type { ReactNode } from "react";
import { Logo } from "./Logo";
import css from "./Page.module.css";

type PageProps = { name: string; actions?: ReactNode; home?: ReactNode; children: ReactNode };

/** The frame of every page outside a call: the name, a few actions, the content. */
export function Page({ name, actions, home, children }: PageProps) {
  return (
    <div className={css.page}>
      <header className={css.header}>
        <div className={css.brand}>
          <Logo size={28} />
          {home ?? <span className={css.name}>{name}</span>}
        </div>
        <div className={css.actions}>{actions}</div>
      </header>
      <main className={css.main}>{children}</main>
    </div>
  );
}
