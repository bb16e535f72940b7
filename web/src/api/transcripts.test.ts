import { expect, test } from "vitest";
import { parseCaptionState } from "./captions";
import { parseConsent } from "./consent";
import { Http } from "./http";
import { Fields } from "./parse";
import { parseMinutes, parseTranscriptPage, parseVoiceNotes, transcriptFile, TranscriptsApi } from "./transcripts";

const LINE = {
  line_id: "l1",
  user_id: 3,
  speaker: "Anna",
  speaker_key: "web_1",
  started_at: "2026-01-01T10:00:00Z",
  ended_at: "2026-01-01T10:00:02Z",
  text: "Good morning.",
  language: "en",
  confidence: 0.9,
  words: [
    [0, 0.5, "Good"],
    [0.5, 1.2, "morning."],
  ],
};
const PAGE = { meeting_id: 7, title: "Weekly", started_at: "2026-01-01T09:59:00Z", lines: [LINE], total: 1, page: 1, page_size: 50, can_delete: true };

function api(data: unknown) {
  const asked: string[] = [];
  const http = new Http({ token: "t", onRefused: () => undefined }, (path, init) => {
    asked.push(`${init.method ?? "GET"} ${path}`);
    return Promise.resolve(Response.json({ code: 200, message: "", data }));
  });
  return { api: new TranscriptsApi(http), asked };
}

test("a page of a transcript: lines with their words, and how many there are", () => {
  expect(parseTranscriptPage(new Fields(PAGE))).toEqual({
    title: "Weekly",
    startedAt: new Date("2026-01-01T09:59:00Z"),
    total: 1,
    pageSize: 50,
    canDelete: true,
    lines: [
      {
        id: "l1",
        userId: 3,
        speaker: "Anna",
        startedAt: new Date("2026-01-01T10:00:00Z"),
        endedAt: new Date("2026-01-01T10:00:02Z"),
        text: "Good morning.",
        language: "en",
        words: [
          { start_s: 0, end_s: 0.5, text: "Good" },
          { start_s: 0.5, end_s: 1.2, text: "morning." },
        ],
      },
    ],
  });
});

test("nobody is offered a deletion that the server does not speak of", () => {
  expect(parseTranscriptPage(new Fields({ ...PAGE, can_delete: undefined })).canDelete).toBe(false);
  expect(parseTranscriptPage(new Fields({ ...PAGE, can_delete: false })).canDelete).toBe(false);
});

test.each([
  { ...LINE, words: [["0", 1, "x"]] },
  { ...LINE, words: ["x"] },
  { ...LINE, started_at: "yesterday" },
  { ...LINE, text: null },
])("a line such as %j is refused", (line) => {
  expect(() => parseTranscriptPage(new Fields({ ...PAGE, lines: [line] }))).toThrow();
});

test("what is asked for names the search, the page and the span", async () => {
  const list = api({ transcripts: [], total: 0, page: 1, page_size: 20 });
  await list.api.list(" budget & plan ", 2);
  expect(list.asked).toEqual(["GET /api/v1/ai/transcripts?page=2&page_size=20&q=budget+%26+plan"]);
  const lines = api(PAGE);
  await lines.api.lines(7, 1, { from: new Date(0), to: new Date(1000) });
  expect(lines.asked[0]).toContain("from=1970-01-01T00%3A00%3A00.000Z&to=1970-01-01T00%3A00%3A01.000Z");
});

test("a list tells where it was said, and whether there is more", async () => {
  const hit = { line_id: "l1", started_at: "2026-01-01T10:00:00Z", speaker: "Anna", text: "The budget." };
  const summary = { meeting_id: 7, title: "Weekly", started_at: "2026-01-01T10:00:00Z", ended_at: null, line_count: 3, speakers: ["Anna"], hits: [hit] };
  const found = await api({ transcripts: [summary], total: 30, page: 1, page_size: 20 }).api.list("budget", 1);
  expect(found).toMatchObject({ total: 30, hasMore: true, items: [{ meetingId: 7, endedAt: null, speakers: ["Anna"], hits: [{ lineId: "l1", text: "The budget." }] }] });
});

test("minutes leave out what nothing bears out, and kinds that are not known", () => {
  const citations = [{ line_id: "l1", started_at: "2026-01-01T10:00:00Z", speaker: "Anna" }];
  const minutes = parseMinutes(
    new Fields({
      meeting_id: 7,
      made_at: "2026-01-01T11:00:00Z",
      method: "extractive",
      items: [
        { kind: "decision", text: "We ship on Friday.", citations },
        { kind: "task", text: "Invented.", citations: [] },
        { kind: "mystery", text: "?", citations },
      ],
      speaking_time: [{ user_id: 3, speaker: "Anna", seconds: 61.5 }],
    }),
  );
  expect(minutes.items.map(({ kind, text }) => [kind, text])).toEqual([["decision", "We ship on Friday."]]);
  expect(minutes.speakingTime).toEqual([{ userId: 3, speaker: "Anna", seconds: 61.5 }]);
});

test("minutes say whose words they are, and why not the language model's", () => {
  const made = (of: object) => {
    const { madeBy, leftOut, fallback } = parseMinutes(new Fields({ made_at: "2026-01-01T11:00:00Z", items: [], speaking_time: [], ...of }));
    return [madeBy, leftOut, fallback];
  };
  expect(made({ method: "extractive", made_by: null, left_out: 0, fallback: null })).toEqual([null, 0, null]);
  expect(made({ method: "language_model", made_by: "qwen3-8b", left_out: 2, fallback: null })).toEqual(["qwen3-8b", 2, null]);
  expect(made({ method: "extractive", made_by: null, left_out: 0, fallback: "too_long" })).toEqual([null, 0, "too_long"]);
  expect(made({ fallback: "for a reason of a later server" })).toEqual([null, 0, "no_answer"]);
  expect(made({})).toEqual([null, 0, null]);
});

test("a file is fetched by its format, and from a recording's begin if there is one", () => {
  expect(transcriptFile(7, "vtt")).toBe("/api/v1/ai/transcripts/7/download?format=vtt");
  expect(transcriptFile(7, "srt", "r 1")).toBe("/api/v1/ai/transcripts/7/download?format=srt&recording_id=r+1");
});

test("consent and captions are off unless the server says on", () => {
  expect(parseConsent(new Fields({ mood_from_voice: true, allowed_here: false, changed_at: null }))).toEqual({ isGiven: true, isAllowedHere: false, changedAt: null });
  expect(parseCaptionState(new Fields({}))).toEqual({ isOn: false, by: null, since: null, condition: "ok", text: "" });
});

test("of what was noted about voices, states of a later server are left out, and there is a limit", () => {
  const note = { user_id: 3, speaker: "Anna", state: "suspicious", score: 0.9, at: "2026-01-01T10:00:00Z" };
  const read = (...notes: unknown[]) => parseVoiceNotes(new Fields({ notes, total: notes.length }));
  expect(read(note, { ...note, state: "ok", user_id: null }, { ...note, state: "unsure" })).toEqual([
    { userId: 3, speaker: "Anna", isSuspicious: true, at: new Date("2026-01-01T10:00:00Z") },
    { userId: 0, speaker: "Anna", isSuspicious: false, at: new Date("2026-01-01T10:00:00Z") },
  ]);
  expect(read(...Array.from({ length: 1500 }, () => note))).toHaveLength(1000);
  expect(() => read({ ...note, at: "soon" })).toThrow();
  expect(() => parseVoiceNotes(new Fields({}))).toThrow();
});

test("notes are asked for beside the transcript", async () => {
  const { api: transcripts, asked } = api({ notes: [], total: 0 });
  expect(await transcripts.voices(7)).toEqual([]);
  expect(asked).toEqual(["GET /api/v1/ai/transcripts/7/voices"]);
});
