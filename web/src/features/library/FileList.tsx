import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FileView, Library } from "../../state/library";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Notice } from "../../ui/Notice";
import { Pager } from "../../ui/Pager";
import { RoomArt } from "../../ui/RoomArt";
import { TableSkeleton } from "../../ui/Table";
import { useToast } from "../../ui/toastStore";
import { problemText } from "../shell/problemText";
import { FileCard } from "./FileCard";
import { FilePreview } from "./FilePreview";
import css from "./Library.module.css";

/** The files, or what stands in their place. */
export function FileList({ library }: { library: Library }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { state, problem, items, query, page, hasMore } = useReadable(library.files.list);
  const jobs = useReadable(library.jobs);
  const [shown, setShown] = useState<FileView | null>(null);
  const [doomed, setDoomed] = useState<FileView | null>(null);
  if (state === "loading") return <TableSkeleton label={t("common.loading")} />;
  if (state === "failed" && problem !== null) {
    return (
      <Notice
        tone="error"
        title={t("library.loadFailed")}
        action={
          <Button size="small" onClick={() => library.files.reload()}>
            {t("common.retry")}
          </Button>
        }
      >
        {problemText(t, problem)}
      </Notice>
    );
  }
  const remove = async ({ id }: FileView) => {
    const outcome = await library.remove(id);
    setDoomed(null);
    if (outcome.ok) toast(t("library.deleted"), "ok");
    else toast(problemText(t, outcome.problem), "error");
  };
  return (
    <>
      {items.length === 0 && (
        <section className={css.empty}>
          {query === "" && (
            <div className={css.emptyArt}>
              <RoomArt />
            </div>
          )}
          <h2 className={css.emptyTitle}>{t(query === "" ? "library.emptyTitle" : "library.noMatch")}</h2>
          {query === "" && <p className={css.lead}>{t("library.emptyText")}</p>}
        </section>
      )}
      <ul className={css.files} data-testid="files">
        {items.map((file) => (
          <FileCard
            key={file.id}
            file={file}
            job={jobs.get(file.id) ?? null}
            url={library.url(file.id)}
            onShow={() => setShown(file)}
            onProcess={(operation) => library.process(file.id, operation)}
            onDelete={() => setDoomed(file)}
          />
        ))}
      </ul>
      {(page > 1 || hasMore) && (
        <Pager
          label={t("recordings.pages")}
          text={t("recordings.page", { page })}
          previous={t("recordings.previous")}
          next={t("recordings.next")}
          page={page}
          hasMore={hasMore}
          onGo={(to) => library.files.go(to)}
        />
      )}
      {shown !== null && <FilePreview file={shown} url={library.url(shown.id)} onClose={() => setShown(null)} />}
      {doomed !== null && (
        <ConfirmDialog
          title={t("library.deleteTitle", { name: doomed.name })}
          text={t("library.deleteText")}
          confirm={t("library.delete")}
          cancel={t("host.cancel")}
          closeLabel={t("common.close")}
          onClose={() => setDoomed(null)}
          onConfirm={() => remove(doomed)}
        />
      )}
    </>
  );
}
