/** Keeps the lines of live captions in order. Pure. */

import type { CaptionLine } from "./captions";

/** Some hours of lively talk; what is older is in the transcript. */
export const LINES_LIMIT = 3000;
/** More than that would cover the people who speak. */
const SHOWN_LINES = 3;
/** A line stays in sight for so long after its last word, and the longer the more there is to read. */
const STAYS_MS = 5000;
const STAYS_PER_LETTER_MS = 60;
const STAYS_AT_MOST_MS = 12_000;

export type HeardLine = CaptionLine & {
  /** When it last changed; null: it is from before, and was never live here. */
  readonly heardAt_ms: number | null;
};

/** The lines with one more, or with a newer text of one. A final line without text goes. */
export function withLine(lines: readonly HeardLine[], line: HeardLine): readonly HeardLine[] {
  const at = lines.findLastIndex(({ id }) => id === line.id);
  const before = lines[at];
  if (before?.isFinal === true && !line.isFinal) return lines; // A guess that arrives after the result.
  if (line.text === "") return line.isFinal && at >= 0 ? lines.toSpliced(at, 1) : lines;
  if (at >= 0) return lines.with(at, { ...line, startedAt: before?.startedAt ?? line.startedAt }); // It keeps its place.
  const after = lines.findLastIndex(({ startedAt }) => startedAt <= line.startedAt) + 1;
  return lines.toSpliced(after, 0, line).slice(-LINES_LIMIT);
}

/** The lines together with those from before; what was heard live is newer. */
export function withEarlier(lines: readonly HeardLine[], earlier: readonly CaptionLine[]): readonly HeardLine[] {
  const byId = new Map<string, HeardLine>(earlier.map((line) => [line.id, { ...line, heardAt_ms: null }]));
  for (const line of lines) {
    if (line.isFinal || !byId.has(line.id)) byId.set(line.id, line);
  }
  return [...byId.values()].sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime()).slice(-LINES_LIMIT);
}

/** What is in sight now, and when that will next change by itself (null: never). */
export function recentOf(lines: readonly HeardLine[], now_ms: number): { lines: readonly CaptionLine[]; changesAt_ms: number | null } {
  const live = lines.slice(-50).filter((line) => goesAt_ms(line) > now_ms);
  const shown = live.slice(-SHOWN_LINES);
  return { lines: shown, changesAt_ms: shown.length === 0 ? null : Math.min(...shown.map(goesAt_ms)) };
}

function goesAt_ms({ heardAt_ms, text }: HeardLine): number {
  if (heardAt_ms === null) return Number.NEGATIVE_INFINITY;
  return heardAt_ms + Math.min(STAYS_AT_MOST_MS, STAYS_MS + text.length * STAYS_PER_LETTER_MS);
}
