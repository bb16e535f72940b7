/** Lines of a transcript beside something that plays them: which is said now, and which word lies where. Pure. */

import type { TranscriptLine, VoiceNote } from "../api/transcripts";

/** A part of a line's text. */
export type Piece = {
  readonly text: string;
  /** Seconds from the line's begin; null: between words. */
  readonly at_s: number | null;
  /** It is what was searched for. */
  readonly isHit: boolean;
};

/** What stands in a transcript, with its index among its own kind. */
export type Entry =
  | { readonly kind: "line"; readonly index: number; readonly line: TranscriptLine }
  | { readonly kind: "note"; readonly index: number; readonly note: VoiceNote };

/** A speaker's line is still looked at for a moment after its last word. */
const LINGERS_S = 1;

/** Seconds from `origin` to the line's begin; what began before it starts with it. */
export function startOf(line: TranscriptLine, origin: Date): number {
  return Math.max(0, (line.startedAt.getTime() - origin.getTime()) / 1000);
}

/** The line that is being said; where several speak, who began last. null: nobody speaks. */
export function lineAt(lines: readonly TranscriptLine[], origin: Date, at_s: number): TranscriptLine | null {
  const now_ms = origin.getTime() + at_s * 1000;
  const hasBegun = lines.filter(({ startedAt }) => startedAt.getTime() <= now_ms);
  return hasBegun.findLast(({ endedAt }) => now_ms < endedAt.getTime() + LINGERS_S * 1000) ?? null;
}

/** The lines in which, or by whose speaker, it was said; all of them without a search. */
export function linesWith<Line extends { readonly text: string; readonly speaker: string }>(lines: readonly Line[], search: string): readonly Line[] {
  const wanted = folded(search.trim());
  return wanted === "" ? lines : lines.filter(({ text, speaker }) => folded(text).includes(wanted) || folded(speaker).includes(wanted));
}

/** Lines with the notes at their time between them: each after the last line that had begun. Both are oldest first. */
export function inOrder(lines: readonly TranscriptLine[], notes: readonly VoiceNote[]): readonly Entry[] {
  const entries: Entry[] = [];
  let next = 0;
  const addNotes = (isDue: (note: VoiceNote) => boolean): void => {
    for (let note = notes[next]; note !== undefined && isDue(note); note = notes[next]) {
      entries.push({ kind: "note", index: next, note });
      next += 1;
    }
  };
  lines.forEach((line, index) => {
    addNotes(({ at }) => at < line.startedAt);
    entries.push({ kind: "line", index, line });
  });
  addNotes(() => true);
  return entries;
}

/**
 * The text of a line, cut at its words and at what was searched for. The pieces together are the text.
 *
 * A model's words need not spell the text exactly (spaces, signs): what is not found in it is left out.
 */
export function piecesOf({ text, words }: Pick<TranscriptLine, "text" | "words">, wanted: readonly string[] = []): readonly Piece[] {
  const places: { from: number; to: number; at_s: number }[] = [];
  let cursor = 0;
  for (const word of words) {
    const spelt = word.text.trim();
    const from = spelt === "" ? -1 : text.indexOf(spelt, cursor);
    if (from < 0) continue;
    cursor = from + spelt.length;
    places.push({ from, to: cursor, at_s: word.start_s });
  }
  const hits = wanted.flatMap((each) => rangesOf(text, each.trim()));
  const cuts = [...new Set([0, text.length, ...places.flatMap(({ from, to }) => [from, to]), ...hits.flat()])].sort((a, b) => a - b);
  return cuts.slice(1).map((to, index): Piece => {
    const from = cuts[index] ?? 0;
    return {
      text: text.slice(from, to),
      at_s: places.find((place) => place.from <= from && to <= place.to)?.at_s ?? null,
      isHit: hits.some(([begin, end]) => begin <= from && to <= end),
    };
  });
}

function rangesOf(text: string, wanted: string): [number, number][] {
  const haystack = folded(text);
  const needle = folded(wanted);
  // Folding may change a length ("İ"): then nothing can be marked at the right place.
  if (needle === "" || haystack.length !== text.length) return [];
  const ranges: [number, number][] = [];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) ranges.push([at, at + needle.length]);
  return ranges;
}

function folded(text: string): string {
  return text.toLowerCase();
}
