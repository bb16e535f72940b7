import { CircleStop, Video } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Administration, ManagedMeeting } from "../../state/administration";
import { detailsPath } from "../../state/meetingLink";
import { useReadable } from "../../state/useReadable";
import { Badge, type Tone } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Segmented } from "../../ui/Segmented";
import { Table, type Column } from "../../ui/Table";
import { TextField } from "../../ui/TextField";
import { EndDialog } from "./EndDialog";
import { ListFrame } from "./ListFrame";
import { momentText } from "./moment";
import css from "./Admin.module.css";

/** By the numbers that the server gives them. */
const STATUSES = ["all", "scheduled", "active", "ended", "cancelled"] as const;
const TONES: Readonly<Record<(typeof STATUSES)[number], Tone>> = {
  all: "plain",
  scheduled: "accent",
  active: "ok",
  ended: "plain",
  cancelled: "warn",
};

function statusName(status: number) {
  return STATUSES[status] ?? "all";
}

/** Everybody's meetings. */
export function MeetingsSection({ administration }: { administration: Administration }) {
  const { t, i18n } = useTranslation();
  const [model] = useState(() => administration.meetings());
  const list = useReadable(model.list);
  const [ending, setEnding] = useState<ManagedMeeting | null>(null);
  useEffect(() => model.reload(), [model]);
  const { keyword, status } = list.query;
  const titleOf = ({ title }: ManagedMeeting) => (title === "" ? t("admin.meeting.untitled") : title);
  const columns: Column<ManagedMeeting>[] = [
    {
      key: "meeting",
      head: t("admin.meeting.name"),
      isName: true,
      cell: (meeting) => (
        <span className={css.stacked}>
          <Link href={detailsPath(meeting.id)} className={css.open}>
            {titleOf(meeting)}
          </Link>
          <span className={css.faint}>{t("meetings.number", { id: meeting.id })}</span>
        </span>
      ),
    },
    {
      key: "host",
      head: t("admin.meeting.host"),
      cell: ({ creatorName }) => <span className={css.muted}>{creatorName ?? t("admin.meeting.gone")}</span>,
    },
    {
      key: "start",
      head: t("admin.meeting.start"),
      cell: ({ startsAt }) => (
        <time className={css.muted} dateTime={startsAt.toISOString()}>
          {momentText(startsAt, i18n.language)}
        </time>
      ),
    },
    {
      key: "status",
      head: t("admin.status"),
      cell: (meeting) => <Badge tone={TONES[statusName(meeting.status)]}>{t(`admin.meeting.${statusName(meeting.status)}`)}</Badge>,
    },
    {
      key: "end",
      head: t("admin.actions"),
      isAction: true,
      cell: (meeting) =>
        statusName(meeting.status) === "active" && (
          <Button
            size="small"
            icon={<CircleStop aria-hidden="true" />}
            aria-label={t("admin.end.named", { title: titleOf(meeting) })}
            onClick={() => setEnding(meeting)}
          >
            {t("admin.end.action")}
          </Button>
        ),
    },
  ];
  return (
    <>
      <search className={css.filters}>
        <TextField
          className={css.search}
          label={t("admin.search")}
          type="search"
          name="keyword"
          placeholder={t("admin.meeting.searchHint")}
          autoComplete="off"
          maxLength={200}
          value={keyword}
          onChange={(event) => model.search({ keyword: event.target.value, status })}
        />
        <div className={css.choice}>
          <Segmented
            label={t("admin.status")}
            value={statusName(status)}
            options={STATUSES.map((each) => ({ value: each, text: t(`admin.meeting.${each}`) }))}
            onChange={(chosen) => model.search({ keyword, status: STATUSES.indexOf(chosen) })}
          />
        </div>
      </search>
      <ListFrame
        model={model}
        list={list}
        isFiltered={keyword.trim() !== "" || status !== 0}
        emptyIcon={<Video />}
        emptyTitle={t("admin.meeting.emptyTitle")}
        emptyText={t("admin.meeting.emptyText")}
      >
        <Table
          caption={t("admin.meeting.table")}
          columns={columns}
          rows={list.items}
          rowKey={({ id }) => id}
          isBusy={list.isBusy}
          testId="meetings-table"
        />
      </ListFrame>
      {ending !== null && (
        <EndDialog
          administration={administration}
          meeting={{ id: ending.id, title: titleOf(ending) }}
          onEnded={() => model.reload()}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  );
}
