import { expect, test } from "vitest";
import type { SpokenWord, TranscriptLine } from "../api/transcripts";
import { inOrder, lineAt, linesWith, piecesOf, startOf } from "./spoken";

const ORIGIN = new Date("2026-01-01T10:00:00Z");

function line(id: string, from_s: number, to_s: number, text = id, words: readonly SpokenWord[] = []): TranscriptLine {
  const at = (seconds: number) => new Date(ORIGIN.getTime() + seconds * 1000);
  return { id, userId: 1, speaker: "Anna", startedAt: at(from_s), endedAt: at(to_s), text, language: "en", words };
}

function word(start_s: number, text: string): SpokenWord {
  return { start_s, end_s: start_s + 0.3, text };
}

test("a line starts where it was said, and with the recording if it was said before", () => {
  expect(startOf(line("a", 12.5, 14), ORIGIN)).toBe(12.5);
  expect(startOf(line("a", -3, 2), ORIGIN)).toBe(0);
});

test.each([
  [0, null],
  [2, "a"],
  [6.5, "b"], // Both speak: who began last.
  [9, "a"], // The other one goes on.
  [10.5, "a"], // Just said.
  [15, null],
  [20, "c"],
])("at %d s the line that is said is %s", (at_s, id) => {
  const lines = [line("a", 1, 10), line("b", 6, 7.5), line("c", 20, 21)];
  expect(lineAt(lines, ORIGIN, at_s)?.id ?? null).toBe(id);
});

test("a search finds text and speakers, whatever their case", () => {
  const lines = [line("a", 1, 2, "The Budget"), line("b", 3, 4, "预算通过了")];
  expect(linesWith(lines, " budget ").map(({ id }) => id)).toEqual(["a"]);
  expect(linesWith(lines, "预算").map(({ id }) => id)).toEqual(["b"]);
  expect(linesWith(lines, "anna")).toHaveLength(2);
  expect(linesWith(lines, "  ")).toBe(lines);
});

test("the pieces of a line are its text, each word with its time", () => {
  const said = line("a", 0, 2, "Good morning, all.", [word(0, " Good"), word(0.4, "morning,"), word(0.9, "all.")]);
  const pieces = piecesOf(said);
  expect(pieces.map(({ text }) => text).join("")).toBe(said.text);
  expect(pieces.filter(({ at_s }) => at_s !== null).map(({ text, at_s }) => [text, at_s])).toEqual([
    ["Good", 0],
    ["morning,", 0.4],
    ["all.", 0.9],
  ]);
});

test("Chinese words without spaces, the same word twice, and one that the text does not have", () => {
  const said = line("a", 0, 2, "好好开会", [word(0, "好"), word(0.2, "好"), word(0.3, "嗯"), word(0.5, "开会")]);
  expect(piecesOf(said).map(({ text, at_s }) => [text, at_s])).toEqual([
    ["好", 0],
    ["好", 0.2],
    ["开会", 0.5],
  ]);
});

test("what was searched for is marked, also within a word, and the word keeps its time", () => {
  const said = line("a", 0, 2, "Budgets matter", [word(0, "Budgets"), word(0.5, "matter")]);
  expect(piecesOf(said, ["budget"])).toEqual([
    { text: "Budget", at_s: 0, isHit: true },
    { text: "s", at_s: 0, isHit: false },
    { text: " ", at_s: null, isHit: false },
    { text: "matter", at_s: 0.5, isHit: false },
  ]);
  expect(piecesOf(said, ["matter", "budget", ""]).filter(({ isHit }) => isHit)).toHaveLength(2);
});

test("notes stand between the lines at their time, before the first and after the last too", () => {
  const note = (at_s: number) => ({ userId: 1, speaker: "Anna", isSuspicious: true, at: new Date(ORIGIN.getTime() + at_s * 1000) });
  const shown = inOrder([line("a", 1, 4), line("b", 3, 5)], [note(0), note(1), note(2), note(9)]);
  expect(shown.map((entry) => (entry.kind === "line" ? entry.line.id : entry.index))).toEqual([0, "a", 1, 2, "b", 3]);
  expect(inOrder([], [])).toEqual([]);
});
