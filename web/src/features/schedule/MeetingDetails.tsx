import { CalendarPlus, CalendarSync, CalendarX2, Clapperboard, Clock, Pencil, ScrollText, UsersRound, Video } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { meetingPath } from "../../state/meetingLink";
import type { Planned, PlannedMeeting } from "../../state/planned";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { ButtonLink } from "../../ui/ButtonLink";
import { Notice } from "../../ui/Notice";
import { useToast } from "../../ui/toastStore";
import { InviteLinks } from "../invite/InviteLinks";
import { MailInvitations } from "../invite/MailInvitations";
import { dateText, timeText } from "../meetings/meetingTime";
import { LinkField } from "../shell/LinkField";
import { CancelDialog } from "./CancelDialog";
import { durationText } from "./durationText";
import css from "./Plan.module.css";

type MeetingDetailsProps = { planned: Planned; meeting: PlannedMeeting; title: string; onEdit: () => void };

/** When a meeting is, what it is about, who may come. */
export function MeetingDetails({ planned, meeting, title, onEdit }: MeetingDetailsProps) {
  const { t, i18n } = useTranslation();
  const [, go] = useLocation();
  const toast = useToast();
  const { invites } = useReadable(planned.state);
  const [isCancelling, setCancelling] = useState(false);
  const [now] = useState(() => new Date());
  const { details, startsAt } = meeting;
  const day = dateText(startsAt, i18n.language, now);
  return (
    <>
      <header className={css.heading}>
        <div>
          <h1 className={css.title}>{title}</h1>
          <p className={css.meta}>
            <time dateTime={startsAt.toISOString()}>
              <Clock aria-hidden="true" />
              {t("meetings.dayTime", { day, time: timeText(startsAt, i18n.language) })}, {durationText(t, details.duration_min)}
            </time>
            <span>
              <UsersRound aria-hidden="true" />
              {t("details.seats", { count: details.seats })}
            </span>
            {meeting.isSeries && (
              <span>
                <CalendarSync aria-hidden="true" />
                {t("details.repeats")}
              </span>
            )}
          </p>
        </div>
        {!meeting.isOver && (
          <div className={css.actions}>
            <Button look="primary" icon={<Video aria-hidden="true" />} onClick={() => go(meetingPath(meeting.id))}>
              {t("meetings.enter")}
            </Button>
            <ButtonLink href={meeting.calendarPath} download icon={<CalendarPlus aria-hidden="true" />}>
              {t("details.calendar")}
            </ButtonLink>
            {meeting.isMine && (
              <>
                <Button icon={<Pencil aria-hidden="true" />} onClick={onEdit}>
                  {t("details.edit")}
                </Button>
                <Button look="quiet" icon={<CalendarX2 aria-hidden="true" />} onClick={() => setCancelling(true)}>
                  {t("details.cancel")}
                </Button>
              </>
            )}
          </div>
        )}
      </header>
      {meeting.isOver && <Notice tone="info">{t("details.over")}</Notice>}
      <div className={css.cards}>
        <section className={css.card}>
          <h2 className={css.cardTitle}>{t("details.about")}</h2>
          <p className={css.text}>{details.description === "" ? t("details.noDescription") : details.description}</p>
          {!meeting.isOver && <LinkField link={meeting.link} />}
          <Link className={css.recordings ?? ""} href={`/recordings?meeting=${meeting.id}`}>
            <Clapperboard aria-hidden="true" />
            {t("details.recordings")}
          </Link>
          <Link className={css.recordings ?? ""} href={`/transcripts/${meeting.id}`}>
            <ScrollText aria-hidden="true" />
            {t("details.transcript")}
          </Link>
        </section>
        {!meeting.isOver && invites !== null && (
          <>
            <section className={css.card}>
              <h2 className={css.cardTitle}>{t("invite.links")}</h2>
              <InviteLinks planned={planned} invites={invites} allowsGuests={details.switches.guests} isHost={meeting.isMine} />
            </section>
            <section className={css.card}>
              <h2 className={css.cardTitle}>{t("invite.mail")}</h2>
              <MailInvitations planned={planned} />
            </section>
          </>
        )}
      </div>
      {isCancelling && (
        <CancelDialog
          planned={planned}
          isSeries={meeting.isSeries}
          onClose={() => setCancelling(false)}
          onCancelled={() => {
            toast(t("details.cancelled"), "ok");
            go("/");
          }}
        />
      )}
    </>
  );
}
