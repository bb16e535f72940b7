import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearch } from "wouter";
import type { Account } from "../../state/account";
import { parseMeetingInput } from "../../state/meetingLink";
import type { Salon } from "../../state/salon";
import { Page } from "../../ui/Page";
import { AccountMenu } from "../account/AccountMenu";
import { LanguageMenu } from "../shell/LanguageMenu";
import { useTitle } from "../shell/useTitle";
import { RecordingList } from "./RecordingList";
import { useArchive } from "./useArchive";
import css from "./Recordings.module.css";

type RecordingsScreenProps = { salon: Salon; account: Extract<Account, { state: "signedIn" }> };

/** What was recorded: everything one may see, or (`?meeting=`) of one meeting. */
export function RecordingsScreen({ salon, account }: RecordingsScreenProps) {
  const archive = useArchive(salon);
  const { t } = useTranslation();
  const meetingId = parseMeetingInput(new URLSearchParams(useSearch()).get("meeting") ?? "");
  const recordings = useMemo(() => archive.recordings(meetingId), [archive, meetingId]);
  useEffect(() => recordings.open(), [recordings]);
  useTitle(t("recordings.title"));
  return (
    <Page
      name={t("app.name")}
      home={<Link href="/">{t("app.name")}</Link>}
      actions={
        <>
          <LanguageMenu />
          <AccountMenu person={account.person} onSignOut={account.signOut} />
        </>
      }
    >
      <div className={css.screen}>
        <header>
          <h1 className={css.title}>{t(meetingId === null ? "recordings.title" : "recordings.ofMeeting")}</h1>
          <p className={css.lead}>{meetingId === null ? t("recordings.lead") : <Link href="/recordings">{t("recordings.all")}</Link>}</p>
        </header>
        <RecordingList recordings={recordings} />
      </div>
    </Page>
  );
}
