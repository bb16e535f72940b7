import { Play, RotateCcw, Trash2, Video } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { standingOf, type RecordingView } from "../../state/recordings";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { IconButton } from "../../ui/IconButton";
import { dateText, timeText } from "../meetings/meetingTime";
import { clockText, sizeText } from "./amounts";
import css from "./Recordings.module.css";

type RecordingCardProps = { recording: RecordingView; onRetry: () => void; onDelete: () => void };

/** One recording: its picture, its facts, how far it is. */
export function RecordingCard({ recording, onRetry, onDelete }: RecordingCardProps) {
  const { t, i18n } = useTranslation();
  const [now] = useState(() => new Date());
  const { startedAt, thumbnailUrl } = recording;
  const standing = standingOf(recording);
  const title = recording.title === "" ? t("recordings.untitled", { id: recording.meetingId }) : recording.title;
  const when = t("meetings.dayTime", { day: dateText(startedAt, i18n.language, now), time: timeText(startedAt, i18n.language) });
  const facts = [
    ...(recording.duration_s > 0 ? [clockText(recording.duration_s)] : []),
    ...(recording.bytes > 0 ? [sizeText(recording.bytes, i18n.language)] : []),
  ];
  return (
    <li className={css.card} data-testid="recording" data-standing={standing.kind}>
      <Link href={`/recordings/${recording.id}`} className={css.picture ?? ""} aria-label={t("recordings.play", { title })}>
        {thumbnailUrl === null ? <Video className={css.noPicture} aria-hidden="true" /> : <img src={thumbnailUrl} alt="" loading="lazy" />}
        <span className={css.play} aria-hidden="true">
          <Play />
        </span>
        {recording.duration_s > 0 && <span className={css.length}>{clockText(recording.duration_s)}</span>}
      </Link>
      <div className={css.body}>
        <h2 className={css.name}>{title}</h2>
        <p className={css.meta}>
          <time dateTime={startedAt.toISOString()}>{when}</time>
          <span>{facts.join(" · ")}</span>
        </p>
        {recording.byUsername !== "" && <p className={css.meta}>{t("recordings.by", { name: recording.byUsername })}</p>}
        {standing.kind === "running" && (
          <p>
            <Badge tone="danger">{t("recordings.running")}</Badge>
          </p>
        )}
        {standing.kind === "finishing" && (
          <div className={css.finishing}>
            <span>{t("recordings.finishing", { percent: standing.progress })}</span>
            <progress className={css.bar} max={100} value={standing.progress} aria-label={t("recordings.finishing", { percent: standing.progress })} />
            <span className={css.meta}>{t("recordings.finishingHint")}</span>
          </div>
        )}
        {(standing.kind === "failed" || standing.kind === "partly") && (
          <div className={css.trouble}>
            <strong>{t(`recordings.${standing.kind}`)}</strong>
            <span>{standing.reason === "" ? t("recordings.noReason") : standing.reason}</span>
          </div>
        )}
        {recording.warning !== "" && standing.kind !== "failed" && <p className={css.warning}>{recording.warning}</p>}
      </div>
      <div className={css.foot}>
        {recording.canStop && (standing.kind === "failed" || standing.kind === "partly") && (
          <Button size="small" icon={<RotateCcw aria-hidden="true" />} aria-label={t("recordings.retryNamed", { title })} onClick={onRetry}>
            {t("recordings.retry")}
          </Button>
        )}
        {recording.canDelete && (
          <IconButton className={css.delete} size="small" label={t("recordings.deleteNamed", { title })} icon={<Trash2 />} onClick={onDelete} />
        )}
      </div>
    </li>
  );
}
