import { Download, ListFilter, ScrollText } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Administration, AuditEntry, AuditQuery } from "../../state/administration";
import { useReadable } from "../../state/useReadable";
import { Badge, type Tone } from "../../ui/Badge";
import { ButtonLink } from "../../ui/ButtonLink";
import { Select } from "../../ui/Select";
import { Table, type Column } from "../../ui/Table";
import { TextField } from "../../ui/TextField";
import { AuditDetails } from "./AuditDetails";
import { auditSentence } from "./auditSentence";
import { ListFrame } from "./ListFrame";
import { dayStart, momentText } from "./moment";
import { VerifyChain } from "./VerifyChain";
import css from "./Admin.module.css";

const KINDS = ["user", "meeting", "participant", "invite", "invitation", "guest", "series", "room"] as const;
const OUTCOMES = ["ok", "refused", "failed"] as const;
const TONES: Readonly<Record<(typeof OUTCOMES)[number], Tone>> = { ok: "plain", refused: "warn", failed: "danger" };

/** Who did what to whom, searched, proven whole, and taken home. */
export function AuditSection({ administration }: { administration: Administration }) {
  const { t } = useTranslation();
  const [model] = useState(() => administration.audit());
  const list = useReadable(model.list);
  const columns = useColumns();
  useEffect(() => model.reload(), [model]);
  const { query } = list;
  const isFiltered = query.keyword !== "" || query.action !== "" || query.since !== null || query.until !== null;
  return (
    <>
      <AuditFilters query={query} onSearch={(changed) => model.search({ ...query, ...changed })} />
      <VerifyChain administration={administration}>
        {(["csv", "json"] as const).map((format) => (
          <ButtonLink key={format} look="quiet" href={administration.auditFilePath(query, format)} download icon={<Download aria-hidden="true" />}>
            {t(`admin.log.${format}`)}
          </ButtonLink>
        ))}
      </VerifyChain>
      <ListFrame
        model={model}
        list={list}
        isFiltered={isFiltered}
        emptyIcon={<ScrollText />}
        emptyTitle={t("admin.log.emptyTitle")}
        emptyText={t("admin.log.emptyText")}
      >
        <Table
          caption={t("admin.log.table")}
          columns={columns}
          rows={list.items}
          rowKey={({ id }) => id}
          isBusy={list.isBusy}
          testId="audit-table"
        />
      </ListFrame>
    </>
  );
}

function useColumns(): Column<AuditEntry>[] {
  const { t, i18n } = useTranslation();
  return [
    {
      key: "what",
      head: t("admin.log.what"),
      isName: true,
      cell: (entry) => auditSentence(t, entry) ?? <code className={css.raw}>{`${entry.action} ${entry.target}`.trim()}</code>,
    },
    {
      key: "when",
      head: t("admin.log.when"),
      cell: ({ at }) => (
        <time className={css.muted} dateTime={at.toISOString()}>
          {momentText(at, i18n.language)}
        </time>
      ),
    },
    { key: "from", head: t("admin.log.from"), cell: ({ address }) => <span className={css.muted}>{address === "" ? "–" : address}</span> },
    {
      key: "outcome",
      head: t("admin.log.outcome"),
      cell: (entry) => {
        const outcome = OUTCOMES.find((each) => each === entry.outcome);
        return <Badge tone={outcome === undefined ? "plain" : TONES[outcome]}>{outcome === undefined ? entry.outcome : t(`admin.log.${outcome}`)}</Badge>;
      },
    },
    { key: "details", head: t("admin.actions"), isAction: true, cell: (entry) => <AuditDetails entry={entry} /> },
  ];
}

function AuditFilters({ query, onSearch }: { query: AuditQuery; onSearch: (changed: Partial<AuditQuery>) => void }) {
  const { t } = useTranslation();
  const [days, setDays] = useState({ since: "", until: "" });
  return (
    <search className={css.filters}>
      <TextField
        className={css.search}
        label={t("admin.search")}
        type="search"
        name="keyword"
        placeholder={t("admin.log.searchHint")}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        value={query.keyword}
        onChange={(event) => onSearch({ keyword: event.target.value })}
      />
      <div className={css.narrow}>
        <Select
          label={t("admin.log.kind")}
          icon={<ListFilter />}
          value={query.action}
          options={[
            { value: "", text: t("admin.log.everything") },
            ...KINDS.map((kind) => ({ value: `${kind}.`, text: t(`admin.kind.${kind}`) })),
          ]}
          onChange={(action) => onSearch({ action })}
        />
      </div>
      {(["since", "until"] as const).map((end) => (
        <TextField
          key={end}
          className={css.narrow}
          label={t(`admin.log.${end}`)}
          type="date"
          name={end}
          value={days[end]}
          onChange={(event) => {
            setDays({ ...days, [end]: event.target.value });
            // Until the end of that day.
            onSearch({ [end]: dayStart(event.target.value, end === "until" ? 1 : 0) });
          }}
        />
      ))}
    </search>
  );
}
