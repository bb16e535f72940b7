import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { piecesOf } from "../../state/spoken";
import type { TranscriptHit, TranscriptSummary } from "../../state/transcript";
import { Avatar } from "../../ui/Avatar";
import { dateText, timeText } from "../meetings/meetingTime";
import css from "./Transcripts.module.css";

const NAMES = 3;

/** A meeting with its transcript, and where in it was said what is searched for. */
export function TranscriptCard({ summary, search }: { summary: TranscriptSummary; search: string }) {
  const { t, i18n } = useTranslation();
  const { meetingId, startedAt, speakers, lineCount, hits } = summary;
  const title = summary.title === "" ? t("transcripts.untitled", { id: meetingId }) : summary.title;
  const names = new Intl.ListFormat(i18n.language, { type: "conjunction", style: "narrow" }).format(speakers.slice(0, NAMES));
  return (
    <li className={css.card} data-testid="transcript-card" data-meeting-id={meetingId}>
      <div className={css.head}>
        <div className={css.what}>
          <h2 className={css.name}>
            <Link href={`/transcripts/${meetingId}`} aria-label={t("transcripts.open", { title })}>
              {title}
            </Link>
          </h2>
          <p className={css.meta}>
            <time dateTime={startedAt.toISOString()}>
              {t("meetings.dayTime", { day: dateText(startedAt, i18n.language, new Date()), time: timeText(startedAt, i18n.language) })}
            </time>
            <span>{t("transcripts.lines", { count: lineCount })}</span>
            <span>{speakers.length > NAMES ? t("transcripts.moreSpeakers", { names, count: speakers.length - NAMES }) : names}</span>
          </p>
        </div>
        <span className={css.faces} aria-hidden="true">
          {speakers.slice(0, 4).map((name) => (
            <Avatar key={name} name={name} size="small" />
          ))}
        </span>
      </div>
      {hits.length > 0 && (
        <ul className={css.hits} aria-label={t("transcripts.hits")}>
          {hits.map((hit) => (
            <li key={hit.lineId}>
              <Hit hit={hit} meetingId={meetingId} search={search} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Hit({ hit, meetingId, search }: { hit: TranscriptHit; meetingId: number; search: string }) {
  const { t, i18n } = useTranslation();
  return (
    <Link className={css.hit} href={`/transcripts/${meetingId}?line=${encodeURIComponent(hit.lineId)}`} data-testid="transcript-hit">
      <span className={css.by}>
        <strong>{hit.speaker === "" ? t("transcript.someone") : hit.speaker}</strong>
        <time dateTime={hit.startedAt.toISOString()}>{timeText(hit.startedAt, i18n.language)}</time>
      </span>
      <span className={css.said}>
        {piecesOf({ text: hit.text, words: [] }, search.split(/\s+/)).map(({ text, isHit }, index) => (isHit ? <mark key={index}>{text}</mark> : text))}
      </span>
    </Link>
  );
}
