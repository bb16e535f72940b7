import { Link2, LockKeyhole } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { detailsPath } from "../../state/meetingLink";
import type { MeetingCard as Card } from "../../state/meetings";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { IconButton } from "../../ui/IconButton";
import { useCopyLink } from "../shell/useCopyLink";
import { dateText, daysUntil, monthText, timeText } from "./meetingTime";
import css from "./MeetingCard.module.css";

type MeetingCardProps = { meeting: Card; now: Date; onEnter: (meetingId: number) => void };

/** One meeting: when, what, the link to send, the way in. A meeting that is over has no way in. */
export function MeetingCard({ meeting, now, onEnter }: MeetingCardProps) {
  const { t, i18n } = useTranslation();
  const copy = useCopyLink();
  const days = daysUntil(meeting.startsAt, now);
  const day = days === 0 ? t("meetings.today") : days === 1 ? t("meetings.tomorrow") : dateText(meeting.startsAt, i18n.language, now);
  const isLive = meeting.isRunning && !meeting.isOver;
  const title = meeting.title === "" ? t("meetings.untitled") : meeting.title;
  return (
    <li className={classes(css.card, isLive && css.live, meeting.isOver && css.past)} data-testid="meeting-card">
      <div className={css.head}>
        <div className={css.date} aria-hidden="true">
          <span className={css.day}>{meeting.startsAt.getDate()}</span>
          <span className={css.month}>{monthText(meeting.startsAt, i18n.language)}</span>
        </div>
        <div className={css.text}>
          <h3 className={css.title} title={title}>
            <Link href={detailsPath(meeting.id)} className={css.open}>
              {title}
            </Link>
          </h3>
          <p className={css.meta}>
            {isLive && <span className={css.badge}>{t("meetings.live")}</span>}
            <time dateTime={meeting.startsAt.toISOString()}>
              {t("meetings.dayTime", { day, time: timeText(meeting.startsAt, i18n.language) })}
            </time>
          </p>
          <p className={css.meta}>
            <span>{t("meetings.number", { id: meeting.id })}</span>
            {meeting.hasPassword && (
              <span className={css.lock}>
                <LockKeyhole aria-hidden="true" />
                {t("meetings.locked")}
              </span>
            )}
          </p>
        </div>
      </div>
      {!meeting.isOver && (
        <div className={css.foot}>
          <Button
            look={isLive ? "primary" : "secondary"}
            aria-label={t("meetings.enterNamed", { title })}
            onClick={() => onEnter(meeting.id)}
          >
            {t("meetings.enter")}
          </Button>
          <IconButton
            label={t("meetings.copyNamed", { title })}
            icon={<Link2 />}
            tone="filled"
            onClick={() => void copy(meeting.link)}
          />
        </div>
      )}
    </li>
  );
}
