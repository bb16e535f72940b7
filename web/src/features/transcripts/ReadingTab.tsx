import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { linesWith } from "../../state/spoken";
import type { TranscriptLine, TranscriptState, VoiceNote } from "../../state/transcript";
import { SearchField } from "../../ui/SearchField";
import { TranscriptLog } from "./TranscriptLog";
import css from "./Transcripts.module.css";

/** The transcript to be read and searched; begins at `lineId` if there is one. */
export function ReadingTab({ view, lineId }: { view: TranscriptState; lineId: string | null }) {
  const { t, i18n } = useTranslation();
  const [search, setSearch] = useState("");
  const body = useRef<HTMLDivElement>(null);
  const shown = useRef<string | null>(null);
  const found = linesWith(view.lines, search);
  useEffect(() => {
    if (lineId === null || shown.current === lineId) return;
    // Not there yet while the transcript is still coming.
    const line = body.current?.querySelector(`[data-line-id="${CSS.escape(lineId)}"]`);
    if (line === null || line === undefined) return;
    shown.current = lineId;
    line.scrollIntoView({ block: "center" });
  }, [lineId, view.lines]);
  const { language } = i18n;
  const moment = useCallback(
    (at: Date) => <time dateTime={at.toISOString()}>{new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(at)}</time>,
    [language],
  );
  const time = useCallback(({ startedAt }: TranscriptLine) => moment(startedAt), [moment]);
  const noteTime = useCallback(({ at }: VoiceNote) => moment(at), [moment]);
  const isSearching = search.trim() !== "";
  return (
    <div ref={body} className={css.reading}>
      <div className={css.finder}>
        <SearchField label={t("transcript.search")} value={search} onChange={setSearch} testId="transcript-search" />
        {isSearching && (
          <p className={css.count} role="status">
            {found.length === 0 ? t("transcript.noHit") : t("transcript.found", { count: found.length })}
          </p>
        )}
      </div>
      <TranscriptLog lines={found} notes={isSearching ? [] : view.notes} search={search} currentId={lineId} time={time} noteTime={noteTime} />
      {view.notes.length > 0 && <p className={css.count}>{t("transcript.voiceNotes")}</p>}
      {view.isBusy && <p className={css.count}>{t("transcript.loading")}</p>}
    </div>
  );
}
