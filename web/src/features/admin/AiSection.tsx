import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Administration, AiFigures, ModelInUse, WorkerPool } from "../../state/administration";
import { useReadable } from "../../state/useReadable";
import { Badge } from "../../ui/Badge";
import { Notice } from "../../ui/Notice";
import { Table, TableSkeleton, type Column } from "../../ui/Table";
import { FiguresSkeleton } from "./Figures";
import { LoadFailure } from "./LoadFailure";
import css from "./Admin.module.css";
import figuresCss from "./Figures.module.css";

/** How the models of this server do: whether captions keep up, what waits, what was left out. */
export function AiSection({ administration }: { administration: Administration }) {
  const { t } = useTranslation();
  const feed = administration.ai;
  const { figures, problem } = useReadable(feed.reading);
  useEffect(() => feed.start(), [feed]);
  if (figures === null) {
    if (problem !== null) return <LoadFailure problem={problem} onRetry={() => feed.reload()} />;
    return (
      <>
        <FiguresSkeleton label={t("common.loading")} />
        <TableSkeleton label={t("common.loading")} rows={2} />
      </>
    );
  }
  return (
    <>
      {problem !== null && <Notice tone="warn">{t("admin.live.stale")}</Notice>}
      <Captions pace={figures.captions} />
      <Models models={figures.models} />
      <Pools pools={figures.pools} />
    </>
  );
}

function Captions({ pace }: { pace: AiFigures["captions"] }) {
  const { t } = useTranslation();
  const { count, seconds } = useNumbers();
  const left_s = pace.late_s + pace.failed_s;
  const cards = [
    { key: "meetings", value: count(pace.meetings), hint: t("admin.models.waiting", { count: pace.waiting }) },
    { key: "lines", value: count(pace.lines), hint: t("admin.models.sinceStart") },
    {
      key: "lag",
      value: seconds(pace.lagP95_s),
      hint: pace.lagP50_s === null ? t("admin.models.none") : t("admin.models.half", { seconds: seconds(pace.lagP50_s) }),
    },
    {
      key: "left",
      value: seconds(left_s),
      hint: t("admin.models.leftHint", { late: seconds(pace.late_s), failed: seconds(pace.failed_s) }),
    },
  ] as const;
  return (
    <section className={figuresCss.figures} aria-label={t("admin.models.captions")}>
      {cards.map(({ key, value, hint }) => (
        <div key={key} className={figuresCss.card} data-testid={`captions-${key}`}>
          <p className={figuresCss.label}>{t(`admin.models.${key}`)}</p>
          <p className={figuresCss.value}>{value}</p>
          <p className={figuresCss.hint}>{hint}</p>
        </div>
      ))}
    </section>
  );
}

function Models({ models }: { models: readonly ModelInUse[] }) {
  const { t } = useTranslation();
  const columns: Column<ModelInUse>[] = [
    {
      key: "title",
      head: t("admin.models.model"),
      isName: true,
      cell: ({ title, name }) => (
        <span className={css.stacked}>
          {title}
          <span className={css.raw}>{name}</span>
        </span>
      ),
    },
    { key: "use", head: t("admin.models.use"), cell: ({ use }) => t(`admin.models.uses.${use}`) },
    {
      key: "place",
      head: t("admin.models.place"),
      cell: ({ isRemote }) => t(isRemote ? "admin.models.remote" : "admin.models.here"),
    },
    {
      key: "state",
      head: t("admin.status"),
      cell: ({ problem }) =>
        problem === null ? (
          <Badge tone="ok">{t("admin.models.ready")}</Badge>
        ) : (
          <span className={css.stacked}>
            <Badge tone="warn">{t("admin.models.missing")}</Badge>
            <span className={css.faint}>{problem}</span>
          </span>
        ),
    },
  ];
  return <Listed name="ai-models" head={t("admin.models.inUse")} columns={columns} rows={models} />;
}

function Pools({ pools }: { pools: readonly WorkerPool[] }) {
  const { t } = useTranslation();
  const { count, seconds, ratio } = useNumbers();
  const figure = (text: string) => <span className={css.figureText}>{text}</span>;
  const columns: Column<WorkerPool>[] = [
    { key: "use", head: t("admin.models.work"), isName: true, cell: ({ use }) => t(`admin.models.uses.${use}`) },
    {
      key: "busy",
      head: t("admin.models.busy"),
      cell: ({ busy, workers }) => figure(t("admin.models.busyOf", { busy: count(busy), workers: count(workers) })),
    },
    { key: "waiting", head: t("admin.models.queue"), cell: ({ waiting }) => figure(count(waiting)) },
    { key: "done", head: t("admin.models.done"), cell: ({ done }) => figure(count(done)) },
    {
      key: "latency",
      head: t("admin.models.latency"),
      cell: (pool) =>
        figure([pool.latencyP50_s, pool.latencyP95_s].map(seconds).join(" · ")),
    },
    {
      key: "factor",
      head: t("admin.models.factor"),
      cell: ({ realTimeFactor, done }) => figure(done === 0 ? "–" : ratio(realTimeFactor)),
    },
    {
      key: "trouble",
      head: t("admin.models.trouble"),
      cell: ({ refused, failed, restarts }) =>
        figure([refused, failed, restarts].map(count).join(" · ")),
    },
  ];
  return <Listed name="ai-pools" head={t("admin.models.workers")} columns={columns} rows={pools} />;
}

type ListedProps<Row> = { name: string; head: string; columns: readonly Column<Row>[]; rows: readonly Row[] };

function Listed<Row extends { readonly use: string }>({ name, head, columns, rows }: ListedProps<Row>) {
  return (
    <section className={css.list} aria-labelledby={name}>
      <h2 id={name} className={css.heading}>
        {head}
      </h2>
      <Table caption={head} columns={columns} rows={rows} rowKey={({ use }) => use} testId={name} />
    </section>
  );
}

/** Numbers as the reader's language writes them; a dash where there is none yet. */
function useNumbers() {
  const { t, i18n } = useTranslation();
  const whole = new Intl.NumberFormat(i18n.language);
  const fine = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 });
  return {
    count: (value: number) => whole.format(value),
    ratio: (value: number) => `${fine.format(value)}×`,
    seconds: (value: number | null) => (value === null ? "–" : t("admin.models.seconds", { value: fine.format(value) })),
  };
}
