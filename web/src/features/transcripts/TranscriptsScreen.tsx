import { ScrollText, SearchX } from "lucide-react";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Account } from "../../state/account";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { SearchField } from "../../ui/SearchField";
import { Skeleton } from "../../ui/Skeleton";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import { AccountMenu } from "../account/AccountMenu";
import { useArchive } from "../recordings/useArchive";
import { LanguageMenu } from "../shell/LanguageMenu";
import { problemText } from "../shell/problemText";
import { useTitle } from "../shell/useTitle";
import { Nothing } from "./Nothing";
import { TranscriptCard } from "./TranscriptCard";
import css from "./Transcripts.module.css";

type TranscriptsScreenProps = { salon: Salon; account: Extract<Account, { state: "signedIn" }> };

/** One's meetings in which something was written down, found by what was said. */
export function TranscriptsScreen({ salon, account }: TranscriptsScreenProps) {
  const archive = useArchive(salon);
  const { t } = useTranslation();
  const model = useMemo(() => archive.transcripts(), [archive]);
  useEffect(() => model.reload(), [model]);
  const { state, isBusy, problem, items, query, page, hasMore } = useReadable(model.list);
  const isSearch = query.trim() !== "";
  useTitle(t("transcripts.title"));
  return (
    <Page
      name={t("app.name")}
      home={<Link href="/">{t("app.name")}</Link>}
      actions={
        <>
          <LanguageMenu />
          <AccountMenu person={account.person} onSignOut={account.signOut} />
        </>
      }
    >
      <div className={css.screen}>
        <header>
          <h1 className={css.title}>{t("transcripts.title")}</h1>
          <p className={css.lead}>{t("transcripts.lead")}</p>
        </header>
        <SearchField label={t("transcripts.search")} value={query} onChange={(value) => model.search(value)} testId="transcripts-search" />
        {state === "failed" && problem !== null && (
          <Notice
            tone="error"
            title={t("transcripts.loadFailed")}
            action={
              <Button size="small" onClick={() => model.reload()}>
                {t("common.retry")}
              </Button>
            }
          >
            {problemText(t, problem)}
          </Notice>
        )}
        {state === "loading" && <Shapes />}
        {state === "ready" && items.length === 0 && !isBusy && (
          <Nothing
            icon={isSearch ? <SearchX aria-hidden="true" /> : <ScrollText aria-hidden="true" />}
            title={t(isSearch ? "transcripts.noMatchTitle" : "transcripts.emptyTitle")}
            text={t(isSearch ? "transcripts.noMatchText" : "transcripts.emptyText")}
          />
        )}
        {items.length > 0 && (
          <ul className={css.list} data-testid="transcripts" aria-busy={isBusy || undefined}>
            {items.map((summary) => (
              <TranscriptCard key={summary.meetingId} summary={summary} search={query} />
            ))}
          </ul>
        )}
        {(page > 1 || hasMore) && (
          <Pager
            label={t("transcripts.pages")}
            text={t("transcripts.page", { page })}
            previous={t("transcripts.previous")}
            next={t("transcripts.next")}
            page={page}
            hasMore={hasMore}
            onGo={(to) => model.go(to)}
          />
        )}
      </div>
    </Page>
  );
}

function Shapes() {
  const { t } = useTranslation();
  return (
    <div className={css.list} role="status" aria-busy="true">
      <VisuallyHidden>{t("common.loading")}</VisuallyHidden>
      {[0, 1, 2].map((index) => (
        <div key={index} className={css.card} aria-hidden="true">
          <Skeleton width="45%" height="1.375rem" />
          <Skeleton width="30%" height="1rem" />
        </div>
      ))}
    </div>
  );
}
