import { LocateFixed } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Archive } from "../../state/archive";
import type { Playback } from "../../state/playback";
import { lineAt, linesWith, startOf } from "../../state/spoken";
import type { TimelinePicture } from "../../state/timeline";
import type { TranscriptLine, VoiceNote } from "../../state/transcript";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { SearchField } from "../../ui/SearchField";
import { TranscriptDownloads } from "../transcripts/TranscriptDownloads";
import { TranscriptLog } from "../transcripts/TranscriptLog";
import { clockText } from "./amounts";
import css from "./RecordingTranscript.module.css";
import playerCss from "./Player.module.css";

type RecordingTranscriptProps = { archive: Archive; recordingId: string; timeline: TimelinePicture; playback: Playback };

/** What is said, beside what plays: the present line is marked, a press on a word goes there. */
export function RecordingTranscript({ archive, recordingId, timeline, playback }: RecordingTranscriptProps) {
  const { t } = useTranslation();
  const begin_ms = timeline.startedAt.getTime();
  const { duration_s } = timeline;
  // The picture of the timeline is made anew while the film is coming; what was said stays the same.
  const transcript = useMemo(
    () => archive.transcriptOfRecording(recordingId, { from: new Date(begin_ms), to: new Date(begin_ms + duration_s * 1000) }),
    [archive, recordingId, begin_ms, duration_s],
  );
  useEffect(() => transcript.open(), [transcript]);
  const { state, lines, notes } = useReadable(transcript.state);
  const [search, setSearch] = useState("");
  const found = linesWith(lines, search);
  const origin = useMemo(() => new Date(begin_ms), [begin_ms]);
  const currentId = useCurrentLine(playback, lines, origin);
  const { log, isFollowing, follow, lookAround } = useFollowing(currentId);
  const seek = useCallback(
    (line: TranscriptLine, at_s: number) => {
      playback.seek(startOf(line, origin) + at_s);
      follow();
    },
    [playback, origin, follow],
  );
  const time = useCallback(
    (line: TranscriptLine) => {
      const at = clockText(startOf(line, origin));
      return (
        <button type="button" className={css.time} aria-label={t("transcript.play", { at })} onClick={() => seek(line, 0)}>
          {at}
        </button>
      );
    },
    [origin, seek, t],
  );
  const noteTime = useCallback(({ at }: VoiceNote) => clockText((at.getTime() - begin_ms) / 1000), [begin_ms]);
  if (state === "loading") return null;
  return (
    <section className={playerCss.panel} aria-label={t("transcript.transcript")} data-testid="recording-transcript">
      <header className={css.head}>
        <h2 className={playerCss.panelTitle}>{t("transcript.transcript")}</h2>
        {lines.length > 0 && <TranscriptDownloads transcript={transcript} size="small" />}
      </header>
      {state === "none" && <p className={playerCss.meta}>{t("transcript.noneHere")}</p>}
      {state === "failed" && (
        <p className={playerCss.meta}>
          {t("transcript.loadFailed")}{" "}
          <Button size="small" look="quiet" onClick={() => transcript.reload()}>
            {t("common.retry")}
          </Button>
        </p>
      )}
      {lines.length > 0 && (
        <>
          <SearchField label={t("transcript.search")} value={search} onChange={setSearch} testId="transcript-search" />
          {found.length === 0 && <p className={playerCss.meta}>{t("transcript.noHit")}</p>}
          <div className={css.frame}>
            <div ref={log} className={css.log} onWheel={lookAround} onTouchMove={lookAround} tabIndex={0} role="region" aria-label={t("transcript.transcript")}>
              <TranscriptLog lines={found} notes={search.trim() === "" ? notes : []} search={search} currentId={currentId} time={time} noteTime={noteTime} onWord={seek} />
            </div>
            {!isFollowing && currentId !== null && (
              <Button size="small" className={css.follow} icon={<LocateFixed aria-hidden="true" />} onClick={follow}>
                {t("transcript.follow")}
              </Button>
            )}
          </div>
          <footer className={css.foot}>
            <p className={playerCss.keys}>{t("transcript.clickHint")}</p>
            <Link className={css.whole} href={`/transcripts/${transcript.meetingId ?? ""}`}>
              {t("transcript.whole")}
            </Link>
          </footer>
        </>
      )}
    </section>
  );
}

/** The id of the line that is being said; draws again only when it is another one. */
function useCurrentLine(playback: Playback, lines: readonly TranscriptLine[], origin: Date): string | null {
  const subscribe = useCallback((listener: () => void) => playback.position.subscribe(listener), [playback]);
  return useSyncExternalStore(subscribe, () => lineAt(lines, origin, playback.position.value)?.id ?? null);
}

/** Keeps the present line in sight, until the reader looks elsewhere. */
function useFollowing(currentId: string | null) {
  const log = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  const follow = useCallback(() => setFollowing(true), []);
  const lookAround = useCallback(() => setFollowing(false), []);
  useEffect(() => {
    const frame = log.current;
    if (!isFollowing || currentId === null || frame === null) return;
    const line = frame.querySelector<HTMLElement>(`[data-line-id="${CSS.escape(currentId)}"]`);
    if (line === null) return;
    // Not `scrollIntoView`: that would move the page and with it the picture.
    const top = line.getBoundingClientRect().top - frame.getBoundingClientRect().top + frame.scrollTop;
    frame.scrollTo({ top: top - frame.clientHeight / 3, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }, [currentId, isFollowing]);
  return { log, isFollowing, follow, lookAround };
}
