import { memo, type MouseEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { inOrder, piecesOf } from "../../state/spoken";
import type { TranscriptLine, VoiceNote } from "../../state/transcript";
import { Avatar } from "../../ui/Avatar";
import { VoiceNoteRow } from "./VoiceNoteRow";
import css from "./Transcript.module.css";

const PAUSE_MS = 60_000;

type TranscriptLogProps = {
  lines: readonly TranscriptLine[];
  /** What was noted about voices, oldest first: between the lines, at its time. */
  notes: readonly VoiceNote[];
  /** What was searched for, to be marked. */
  search: string;
  /** The line that is looked at. */
  currentId: string | null;
  /** What stands in front of a line: when it was said. */
  time: (line: TranscriptLine) => ReactNode;
  /** What stands in front of a note: when it was made. */
  noteTime: (note: VoiceNote) => ReactNode;
  /** A press on a word, with its seconds from the line's begin. Absent: words are only read. Must stay the same. */
  onWord?: ((line: TranscriptLine, at_s: number) => void) | undefined;
};

/** Who said what, in order. */
export function TranscriptLog({ lines, notes, search, currentId, time, noteTime, onWord }: TranscriptLogProps) {
  return (
    <ol className={css.log} data-testid="transcript-lines">
      {inOrder(lines, notes).map((entry) =>
        entry.kind === "note" ? (
          <VoiceNoteRow key={`note ${entry.index}`} note={entry.note} time={noteTime(entry.note)} />
        ) : (
          <Line
            key={entry.line.id}
            line={entry.line}
            goesOn={goesOn(lines[entry.index - 1], entry.line)}
            isCurrent={entry.line.id === currentId}
            search={search}
            time={time}
            onWord={onWord}
          />
        ),
      )}
    </ol>
  );
}

/** The same person goes on: their name need not be said again. */
function goesOn(before: TranscriptLine | undefined, line: TranscriptLine): boolean {
  return before?.userId === line.userId && before.speaker === line.speaker && line.startedAt.getTime() - before.endedAt.getTime() < PAUSE_MS;
}

type LineProps = { line: TranscriptLine; goesOn: boolean; isCurrent: boolean } & Pick<TranscriptLogProps, "search" | "time" | "onWord">;

const Line = memo(function Line({ line, goesOn, isCurrent, search, time, onWord }: LineProps) {
  const { t } = useTranslation();
  const name = line.speaker === "" ? t("transcript.someone") : line.speaker;
  const press = (event: MouseEvent<HTMLElement>) => {
    const at = event.target instanceof HTMLElement ? event.target.dataset["at"] : undefined;
    if (at !== undefined) onWord?.(line, Number(at));
  };
  return (
    <li className={css.line} data-goes-on={goesOn} data-current={isCurrent} data-line-id={line.id} data-speaker={line.speaker} data-testid="transcript-line">
      {!goesOn && (
        <p className={css.speaker}>
          <Avatar name={name} size="small" />
          <strong>{name}</strong>
        </p>
      )}
      <span className={css.time}>{time(line)}</span>
      {/* For a pointer; keys go by the time in front of the line. */}
      <p className={css.text} lang={line.language} data-plays={onWord !== undefined} onClick={onWord === undefined ? undefined : press}>
        {piecesOf(line, [search]).map(({ text, at_s, isHit }, index) => {
          const place = { "data-at": at_s ?? (line.words.length === 0 ? 0 : undefined) };
          return isHit ? (
            <mark key={index} {...place}>
              {text}
            </mark>
          ) : (
            <span key={index} {...place}>
              {text}
            </span>
          );
        })}
      </p>
    </li>
  );
});
