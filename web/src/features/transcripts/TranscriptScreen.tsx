import { Copy, ScrollText, Trash2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useSearch } from "wouter";
import type { Account } from "../../state/account";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { Tabs } from "../../ui/Tabs";
import { useToast } from "../../ui/toastStore";
import { AccountMenu } from "../account/AccountMenu";
import { transcriptText } from "../captions/transcriptText";
import { dateText, timeText } from "../meetings/meetingTime";
import { useArchive } from "../recordings/useArchive";
import { LanguageMenu } from "../shell/LanguageMenu";
import { problemText } from "../shell/problemText";
import { Splash } from "../shell/Splash";
import { useTitle } from "../shell/useTitle";
import { MinutesTab } from "./MinutesTab";
import { Nothing } from "./Nothing";
import { ReadingTab } from "./ReadingTab";
import { TranscriptDownloads } from "./TranscriptDownloads";
import css from "./Transcripts.module.css";

type TranscriptScreenProps = { salon: Pick<Salon, "archive">; account: Extract<Account, { state: "signedIn" }>; meetingId: number };

/** What was said in one meeting, and its minutes. `?line=` is looked at, `?tab=minutes` begins there. */
export function TranscriptScreen({ salon, account, meetingId }: TranscriptScreenProps) {
  const archive = useArchive(salon);
  const { t, i18n } = useTranslation();
  const toast = useToast();
  const [, go] = useLocation();
  const asked = new URLSearchParams(useSearch());
  const tab = asked.get("tab") === "minutes" ? "minutes" : "transcript";
  const transcript = useMemo(() => archive.transcript(meetingId), [archive, meetingId]);
  const minutes = useMemo(() => archive.minutes(meetingId), [archive, meetingId]);
  useEffect(() => transcript.open(), [transcript]);
  const [isDeleting, setDeleting] = useState(false);
  const view = useReadable(transcript.state);
  const title = view.title === "" ? t("transcripts.untitled", { id: meetingId }) : view.title;
  useTitle(title);
  const path = `/transcripts/${meetingId}`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(transcriptText(view.lines, i18n.language));
      toast(t("transcript.copied"), "ok");
    } catch {
      toast(t("transcript.copyFailed"), "error"); // No clipboard without https, or the person said no.
    }
  };
  const remove = async () => {
    const outcome = await transcript.remove();
    setDeleting(false);
    if (!outcome.ok) {
      toast(problemText(t, outcome.problem), "error");
      return;
    }
    toast(t("transcript.deleted"), "ok");
    go("/transcripts");
  };
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
      {view.state === "loading" && <Splash />}
      {view.state !== "loading" && (
        <div className={css.screen}>
          <header className={css.heading}>
            <div className={css.what}>
              <p className={css.meta}>
                <Link href="/transcripts">{t("transcripts.title")}</Link>
                <Link href={`/recordings?meeting=${meetingId}`}>{t("details.recordings")}</Link>
              </p>
              <h1 className={css.title}>{title}</h1>
              {view.startedAt !== null && (
                <time className={css.meta} dateTime={view.startedAt.toISOString()}>
                  {t("meetings.dayTime", { day: dateText(view.startedAt, i18n.language, new Date()), time: timeText(view.startedAt, i18n.language) })}
                </time>
              )}
            </div>
            {view.lines.length > 0 && (
              <div className={css.actions}>
                <TranscriptDownloads transcript={transcript} />
                <Button icon={<Copy aria-hidden="true" />} onClick={() => void copy()}>
                  {t("transcript.copy")}
                </Button>
                {view.canDelete && (
                  <Button look="quiet" icon={<Trash2 aria-hidden="true" />} onClick={() => setDeleting(true)} data-testid="transcript-delete">
                    {t("transcript.delete")}
                  </Button>
                )}
              </div>
            )}
          </header>
          {view.state === "failed" && view.problem !== null && (
            <Notice
              tone="error"
              title={t("transcript.loadFailed")}
              action={
                <Button size="small" onClick={() => transcript.reload()}>
                  {t("common.retry")}
                </Button>
              }
            >
              {problemText(t, view.problem)}
            </Notice>
          )}
          {view.state === "none" && <Nothing icon={<ScrollText aria-hidden="true" />} title={t("transcript.noneTitle")} text={t("transcript.noneText")} />}
          {view.lines.length > 0 && (
            <Tabs
              label={t("transcript.tabs")}
              value={tab}
              tabs={[
                { value: "transcript", text: t("transcript.transcript") },
                { value: "minutes", text: t("transcript.minutes") },
              ]}
              onChange={(chosen) => go(chosen === "minutes" ? `${path}?tab=minutes` : path, { replace: true })}
            >
              {tab === "transcript" ? (
                <ReadingTab view={view} lineId={asked.get("line")} />
              ) : (
                <MinutesTab model={minutes} onCitation={(lineId) => go(`${path}?line=${encodeURIComponent(lineId)}`)} />
              )}
            </Tabs>
          )}
        </div>
      )}
      {isDeleting && (
        <ConfirmDialog
          title={t("transcript.deleteTitle")}
          text={t("transcript.deleteText")}
          confirm={t("transcript.delete")}
          cancel={t("host.cancel")}
          closeLabel={t("common.close")}
          onClose={() => setDeleting(false)}
          onConfirm={remove}
        />
      )}
    </Page>
  );
}
