import { VideoOff } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { LanguageMenu } from "../shell/LanguageMenu";
import { problemText } from "../shell/problemText";
import { Splash } from "../shell/Splash";
import { useTitle } from "../shell/useTitle";
import { dateText, timeText } from "../meetings/meetingTime";
import { Chapters } from "./Chapters";
import { DownloadMenu } from "./DownloadMenu";
import { Lanes } from "./Lanes";
import { PlayerControls } from "./PlayerControls";
import { PlayerStage } from "./PlayerStage";
import { RecordingTranscript } from "./RecordingTranscript";
import { useArchive } from "./useArchive";
import { usePlayerKeys } from "./usePlayerKeys";
import css from "./Player.module.css";

/** Plays one recording: the finished film, or at once its tracks side by side. */
export function PlayerScreen({ salon, recordingId }: { salon: Salon; recordingId: string }) {
  const archive = useArchive(salon);
  const { t, i18n } = useTranslation();
  const player = useMemo(() => archive.player(recordingId), [archive, recordingId]);
  useEffect(() => player.open(), [player]);
  const { state, problem, timeline, source, ...film } = useReadable(player.state);
  const frame = useRef<HTMLDivElement>(null);
  usePlayerKeys(player.playback, frame);
  const title = timeline?.title ?? "";
  useTitle(title === "" ? t("recordings.title") : title);
  return (
    <Page name={t("app.name")} home={<Link href="/">{t("app.name")}</Link>} actions={<LanguageMenu />}>
      {state === "loading" && <Splash />}
      {state === "failed" && problem !== null && (
        <Notice
          tone="error"
          title={t("player.loadFailed")}
          action={
            <Button size="small" onClick={() => player.reload()}>
              {t("common.retry")}
            </Button>
          }
        >
          {problemText(t, problem)}
        </Notice>
      )}
      {timeline !== null && (
        <div className={css.screen}>
          <header className={css.heading}>
            <div>
              <p className={css.meta}>
                <Link href="/recordings">{t("recordings.title")}</Link>
              </p>
              <h1 className={css.title}>{title}</h1>
              <time className={css.meta} dateTime={timeline.startedAt.toISOString()}>
                {t("meetings.dayTime", { day: dateText(timeline.startedAt, i18n.language, new Date()), time: timeText(timeline.startedAt, i18n.language) })}
              </time>
            </div>
            <DownloadMenu downloads={film.downloads} />
          </header>
          {film.filmProgress !== null && <Notice tone="info">{t("player.filmComing", { percent: Math.floor(film.filmProgress) })}</Notice>}
          {film.filmError !== "" && <Notice tone="warn">{t("player.filmFailed", { reason: film.filmError })}</Notice>}
          {film.canSwitch && (
            <Notice
              tone="ok"
              action={
                <Button size="small" onClick={() => player.switchToFilm()}>
                  {t("player.filmShow")}
                </Button>
              }
            >
              {t("player.filmReady")}
            </Notice>
          )}
          {source.kind === "none" ? (
            <section className={css.nothing}>
              <VideoOff aria-hidden="true" />
              <h2>{t("player.nothingTitle")}</h2>
              <p className={css.meta}>{t("player.nothingText")}</p>
            </section>
          ) : (
            <>
              <div ref={frame} className={css.frame} data-testid="player" data-source={source.kind}>
                <PlayerStage source={source} timeline={timeline} playback={player.playback} />
                <PlayerControls playback={player.playback} duration_s={timeline.duration_s} frame={frame} />
              </div>
              <div className={css.below}>
                <div className={css.column}>
                  <Lanes timeline={timeline} playback={player.playback} />
                  <Chapters chapters={timeline.chapters} playback={player.playback} />
                </div>
                <RecordingTranscript archive={archive} recordingId={recordingId} timeline={timeline} playback={player.playback} />
              </div>
              <p className={css.keys}>{t("player.keys")}</p>
            </>
          )}
        </div>
      )}
    </Page>
  );
}
