import { SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PAGE_SIZE } from "../../state/administration";
import type { Listed, PagedList } from "../../state/pagedList";
import { Pager } from "../../ui/Pager";
import { TableSkeleton } from "../../ui/Table";
import { EmptyNote } from "./EmptyNote";
import { LoadFailure } from "./LoadFailure";
import css from "./Admin.module.css";

type ListFrameProps<Query, Item> = {
  model: PagedList<Query, Item>;
  list: Listed<Query, Item>;
  /** Something is searched for: an empty list does not mean that there is nothing. */
  isFiltered: boolean;
  emptyIcon: ReactNode;
  emptyTitle: string;
  emptyText: string;
  /** The rows. */
  children: ReactNode;
};

/** A searched list with its pages, or what stands in its place: shapes, what went wrong, that there is nothing. */
export function ListFrame<Query, Item>({ model, list, isFiltered, emptyIcon, emptyTitle, emptyText, children }: ListFrameProps<Query, Item>) {
  const { t } = useTranslation();
  const { state, problem, items, page, total, hasMore } = list;
  if (state === "failed" && problem !== null) return <LoadFailure problem={problem} onRetry={() => model.reload()} />;
  if (state === "loading") return <TableSkeleton label={t("common.loading")} />;
  if (items.length === 0) {
    return isFiltered ? (
      <EmptyNote icon={<SearchX />} title={t("admin.noMatch")} text={t("admin.noMatchText")} />
    ) : (
      <EmptyNote icon={emptyIcon} title={emptyTitle} text={emptyText} />
    );
  }
  const from = (page - 1) * PAGE_SIZE + 1;
  return (
    <div className={css.list}>
      {children}
      {(page > 1 || hasMore || total !== null) && (
        <Pager
          label={t("admin.pages")}
          text={total === null ? t("admin.pageNumber", { page }) : t("admin.range", { from, to: from + items.length - 1, total })}
          previous={t("admin.previous")}
          next={t("admin.next")}
          page={page}
          hasMore={hasMore}
          onGo={(to) => model.go(to)}
        />
      )}
    </div>
  );
}
