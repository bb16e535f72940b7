import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Page } from "../../ui/Page";
import { RoomArt } from "../../ui/RoomArt";
import { LanguageMenu } from "../shell/LanguageMenu";
import { useTitle } from "../shell/useTitle";
import css from "./Entry.module.css";

/** A page around the sign-in: one card, one thing to do. */
export function EntryCard({ title, text, children }: { title: string; text: ReactNode; children: ReactNode }) {
  const { t } = useTranslation();
  useTitle(title);
  return (
    <Page name={t("app.name")} home={<Link href="/">{t("app.name")}</Link>} actions={<LanguageMenu />}>
      <div className={css.layout}>
        <div className={css.art}>
          <RoomArt />
        </div>
        <section className={css.card}>
          <h1 className={css.title}>{title}</h1>
          <p className={css.text}>{text}</p>
          {children}
        </section>
      </div>
    </Page>
  );
}
