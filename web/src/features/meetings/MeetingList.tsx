import { useId } from "react";
import type { MeetingCard as Card } from "../../state/meetings";
import { MeetingCard } from "./MeetingCard";
import css from "./MeetingsScreen.module.css";

type MeetingListProps = { title: string; meetings: readonly Card[]; now: Date; onEnter: (meetingId: number) => void };

/** Meetings under a heading. */
export function MeetingList({ title, meetings, now, onEnter }: MeetingListProps) {
  const id = useId();
  return (
    <section className={css.section} aria-labelledby={id}>
      <h2 id={id} className={css.sectionTitle}>
        {title}
      </h2>
      <ul className={css.list}>
        {meetings.map((meeting) => (
          <MeetingCard key={meeting.id} meeting={meeting} now={now} onEnter={onEnter} />
        ))}
      </ul>
    </section>
  );
}
