import { ArrowDown, Copy, Download } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaptionLine, Captions } from "../../state/captions";
import type { Readable } from "../../state/readable";
import { linesWith } from "../../state/spoken";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { ButtonLink } from "../../ui/ButtonLink";
import { SearchField } from "../../ui/SearchField";
import { useToast } from "../../ui/toastStore";
import { Panel } from "../call/Panel";
import { timeText } from "../meetings/meetingTime";
import { MoodMark } from "./MoodMark";
import { speakerColour } from "./speakerColour";
import { transcriptText } from "./transcriptText";
import { useFollow } from "./useFollow";
import css from "./CaptionsPanel.module.css";

/** Everything said so far in this meeting, to be read, searched, copied and fetched. */
export function CaptionsPanel({ model, onClose }: { model: Readable<Captions>; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const toast = useToast();
  const { state, condition, text, lines, history, loadHistory, fileUrl } = useReadable(model);
  const [search, setSearch] = useState("");
  useEffect(() => {
    if (model.value.history === "unread") model.value.loadHistory();
  }, [model]);
  const found = linesWith(lines, search);
  const newest = found.at(-1);
  const { ref, isAtEnd, toEnd, onScroll } = useFollow(newest === undefined ? undefined : `${found.length} ${newest.id} ${newest.text}`);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(transcriptText(found, i18n.language));
      toast(t("captions.copied"), "ok");
    } catch {
      toast(t("captions.copyFailed"), "error"); // No clipboard without https, or the person said no.
    }
  };
  return (
    <Panel id="captions-panel" title={t("captions.log")} onClose={onClose}>
      <div className={css.search}>
        <SearchField label={t("captions.search")} value={search} onChange={setSearch} testId="caption-search" />
      </div>
      {state === "on" && condition !== "ok" && (
        <p className={css.trouble} role="status">
          {t(`captions.${condition}`)} {condition === "unavailable" && text}
        </p>
      )}
      <div className={css.body}>
        <div ref={ref} className={css.log} onScroll={onScroll} tabIndex={0} role="region" aria-label={t("captions.log")}>
          {history === "loading" && <p className={css.note}>{t("captions.loading")}</p>}
          {history === "failed" && (
            <p className={css.note}>
              {t("captions.historyFailed")}{" "}
              <Button look="quiet" size="small" onClick={loadHistory}>
                {t("common.retry")}
              </Button>
            </p>
          )}
          {found.length === 0 && history !== "loading" && (
            <p className={css.empty}>{t(search.trim() !== "" ? "captions.noHit" : state === "on" ? "captions.empty" : "captions.emptyOff")}</p>
          )}
          <ol data-testid="caption-history">
            {found.map((line, index) => (
              <Line key={line.id} line={line} goesOn={isContinuation(found[index - 1], line)} />
            ))}
          </ol>
        </div>
        {!isAtEnd && (
          <Button size="small" className={css.jump} icon={<ArrowDown aria-hidden="true" />} onClick={toEnd} data-testid="caption-newest">
            {t("captions.newest")}
          </Button>
        )}
      </div>
      {/* In words for everybody: a finger and a screen reader pass over the hints of single moods. */}
      {found.some(({ mood }) => mood !== null) && <p className={css.guess}>{t("captions.mood.note")}</p>}
      {lines.length > 0 && (
        <div className={css.foot}>
          <Button icon={<Copy aria-hidden="true" />} onClick={() => void copy()} data-testid="caption-copy">
            {t("captions.copy")}
          </Button>
          <ButtonLink href={fileUrl} download icon={<Download aria-hidden="true" />} data-testid="caption-download">
            {t("captions.download")}
          </ButtonLink>
        </div>
      )}
    </Panel>
  );
}

const PAUSE_MS = 60_000;

/** The same person goes on: their name need not be said again. */
function isContinuation(before: CaptionLine | undefined, line: CaptionLine): boolean {
  return (
    before !== undefined &&
    before.userId === line.userId &&
    before.speaker === line.speaker &&
    line.startedAt.getTime() - before.startedAt.getTime() < PAUSE_MS
  );
}

function Line({ line, goesOn }: { line: CaptionLine; goesOn: boolean }) {
  const { t, i18n } = useTranslation();
  return (
    <li className={css.line} data-goes-on={goesOn} data-final={line.isFinal} data-speaker={line.speaker} data-testid="history-line">
      {!goesOn && (
        <p className={css.head}>
          <strong style={{ color: speakerColour(line.speaker) }}>{line.speaker === "" ? t("captions.someone") : line.speaker}</strong>
          <time dateTime={line.startedAt.toISOString()}>{timeText(line.startedAt, i18n.language)}</time>
        </p>
      )}
      <p className={css.text} lang={line.language}>
        {line.text}
        {line.mood !== null && (
          <span className={css.mood}>
            {" "}
            <MoodMark mood={line.mood} hasWord />
          </span>
        )}
      </p>
    </li>
  );
}
