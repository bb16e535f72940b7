import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { RecordingView, Recordings } from "../../state/recordings";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Notice } from "../../ui/Notice";
import { Pager } from "../../ui/Pager";
import { RoomArt } from "../../ui/RoomArt";
import { Skeleton } from "../../ui/Skeleton";
import { useToast } from "../../ui/toastStore";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import { problemText } from "../shell/problemText";
import { RecordingCard } from "./RecordingCard";
import css from "./Recordings.module.css";

/** The cards, or what stands in their place. */
export function RecordingList({ recordings }: { recordings: Recordings }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { state, problem, items, page, hasMore } = useReadable(recordings.list);
  const [doomed, setDoomed] = useState<RecordingView | null>(null);
  if (state === "loading" && items.length === 0) return <Shapes />;
  const retry = async (id: string) => {
    const outcome = await recordings.retry(id);
    if (outcome.ok) toast(t("recordings.retried"), "ok");
    else toast(problemText(t, outcome.problem), "error");
  };
  const remove = async ({ id }: RecordingView) => {
    const outcome = await recordings.remove(id);
    setDoomed(null);
    if (outcome.ok) toast(t("recordings.deleted"), "ok");
    else toast(problemText(t, outcome.problem), "error");
  };
  return (
    <>
      {state === "failed" && problem !== null && (
        <Notice
          tone="error"
          title={t("recordings.loadFailed")}
          action={
            <Button size="small" onClick={() => recordings.reload()}>
              {t("common.retry")}
            </Button>
          }
        >
          {problemText(t, problem)}
        </Notice>
      )}
      {state === "ready" && items.length === 0 && (
        <section className={css.empty}>
          <div className={css.emptyArt}>
            <RoomArt />
          </div>
          <h2 className={css.emptyTitle}>{t("recordings.emptyTitle")}</h2>
          <p className={css.lead}>{t("recordings.emptyText")}</p>
        </section>
      )}
      {items.length > 0 && (
        <ul className={css.list} data-testid="recordings">
          {items.map((recording) => (
            <RecordingCard key={recording.id} recording={recording} onRetry={() => void retry(recording.id)} onDelete={() => setDoomed(recording)} />
          ))}
        </ul>
      )}
      {(page > 1 || hasMore) && (
        <Pager
          label={t("recordings.pages")}
          text={t("recordings.page", { page })}
          previous={t("recordings.previous")}
          next={t("recordings.next")}
          page={page}
          hasMore={hasMore}
          onGo={(to) => recordings.go(to)}
        />
      )}
      {doomed !== null && (
        <ConfirmDialog
          title={t("recordings.deleteTitle")}
          text={t(doomed.status === "recording" ? "recordings.deleteRunning" : "recordings.deleteText")}
          confirm={t("recordings.delete")}
          cancel={t("host.cancel")}
          closeLabel={t("common.close")}
          onClose={() => setDoomed(null)}
          onConfirm={() => remove(doomed)}
        />
      )}
    </>
  );
}

function Shapes() {
  const { t } = useTranslation();
  return (
    <div className={css.list} role="status" aria-busy="true">
      <VisuallyHidden>{t("common.loading")}</VisuallyHidden>
      {[0, 1, 2].map((index) => (
        <div key={index} className={css.card} aria-hidden="true">
          <Skeleton width="100%" height="11rem" />
          <div className={css.body}>
            <Skeleton width="70%" height="1.25rem" />
            <Skeleton width="50%" height="1rem" />
          </div>
        </div>
      ))}
    </div>
  );
}
