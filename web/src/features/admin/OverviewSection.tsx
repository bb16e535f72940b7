import { CircleStop, Coffee } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Administration, LiveRoom } from "../../state/administration";
import { detailsPath } from "../../state/meetingLink";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Table, TableSkeleton, type Column } from "../../ui/Table";
import { elapsedText } from "../call/elapsedText";
import { EmptyNote } from "./EmptyNote";
import { EndDialog } from "./EndDialog";
import { Figures, FiguresSkeleton } from "./Figures";
import { LoadFailure } from "./LoadFailure";
import { RoomPeople } from "./RoomPeople";
import css from "./Admin.module.css";

/** What happens on this server at the moment. */
export function OverviewSection({ administration }: { administration: Administration }) {
  const { t } = useTranslation();
  const feed = administration.overview;
  const { state, problem, figures, rooms, sampledAt, trends } = useReadable(feed.overview);
  const [ending, setEnding] = useState<{ id: number; title: string } | null>(null);
  useEffect(() => feed.start(), [feed]);
  const titleOf = (room: LiveRoom) => (room.title === "" ? t("admin.meetingNo", { id: room.meetingId }) : room.title);
  const columns: Column<LiveRoom>[] = [
    {
      key: "room",
      head: t("admin.live.room"),
      isName: true,
      cell: (room) => (
        <span className={css.stacked}>
          <Link href={detailsPath(room.meetingId)} className={css.open}>
            {titleOf(room)}
          </Link>
          <span className={css.faint}>{t("meetings.number", { id: room.meetingId })}</span>
        </span>
      ),
    },
    { key: "people", head: t("admin.live.who"), cell: (room) => <RoomPeople room={room} /> },
    {
      key: "duration",
      head: t("admin.live.duration"),
      cell: (room) => <span className={css.figureText}>{elapsedText(sampledAt.getTime() - room.openedAt.getTime())}</span>,
    },
    {
      key: "end",
      head: t("admin.actions"),
      isAction: true,
      cell: (room) => (
        <Button
          size="small"
          icon={<CircleStop aria-hidden="true" />}
          aria-label={t("admin.end.named", { title: titleOf(room) })}
          onClick={() => setEnding({ id: room.meetingId, title: titleOf(room) })}
        >
          {t("admin.end.action")}
        </Button>
      ),
    },
  ];
  if (state === "failed" && problem !== null) return <LoadFailure problem={problem} onRetry={() => feed.reload()} />;
  return (
    <>
      {figures !== null && problem !== null && <Notice tone="warn">{t("admin.live.stale")}</Notice>}
      {figures === null ? <FiguresSkeleton label={t("common.loading")} /> : <Figures figures={figures} trends={trends} />}
      <section className={css.list} aria-labelledby="live-rooms">
        <h2 id="live-rooms" className={css.heading}>
          {t("admin.live.table")}
        </h2>
        {figures === null && <TableSkeleton label={t("common.loading")} rows={2} />}
        {figures !== null && rooms.length === 0 && (
          <EmptyNote icon={<Coffee />} title={t("admin.live.emptyTitle")} text={t("admin.live.emptyText")} />
        )}
        {rooms.length > 0 && (
          <Table caption={t("admin.live.table")} columns={columns} rows={rooms} rowKey={(room) => room.meetingId} testId="live-rooms" />
        )}
      </section>
      {ending !== null && (
        <EndDialog administration={administration} meeting={ending} onEnded={() => feed.reload()} onClose={() => setEnding(null)} />
      )}
    </>
  );
}
