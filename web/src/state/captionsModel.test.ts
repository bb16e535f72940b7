import { expect, test } from "vitest";
import type { CaptionState } from "../api/captions";
import { ApiError } from "../api/http";
import type { Mood } from "../api/mood";
import type { TranscriptLine, TranscriptPage } from "../api/transcripts";
import { FakeClock, settle } from "../testing/fakeClock";
import type { Notice } from "./call";
import { CaptionsModel } from "./captionsModel";
import { PreferenceStore } from "./preferences";

const ON: CaptionState = { isOn: true, by: { userId: 1, username: "anna" }, since: new Date(5000), condition: "ok", text: "" };
const OFF: CaptionState = { isOn: false, by: null, since: null, condition: "ok", text: "" };

function line(id: string, at_s: number, text: string): TranscriptLine {
  const startedAt = new Date(at_s * 1000);
  return { id, userId: 1, speaker: "Anna", startedAt, endedAt: startedAt, text, language: "en", words: [] };
}

function page(lines: readonly TranscriptLine[], total = lines.length): TranscriptPage {
  return { title: "", startedAt: null, lines, total, pageSize: 2, canDelete: false };
}

function setUp({ userId = 2, pages = [page([])], refusal = null as ApiError | null, store = new Map<string, string>() } = {}) {
  const told: Notice[] = [];
  const prepared: number[] = [];
  const asked: number[] = [];
  const clock = new FakeClock();
  const storage = { getItem: (key: string) => store.get(key) ?? null, setItem: (key: string, value: string) => void store.set(key, value) };
  const model = new CaptionsModel({
    api: {
      prepare: (meetingId) => {
        prepared.push(meetingId);
        return refusal === null ? Promise.resolve() : Promise.reject(refusal);
      },
      set: (_, isOn) => (refusal === null ? Promise.resolve(isOn ? ON : OFF) : Promise.reject(refusal)),
    },
    transcripts: {
      lines: (_, number) => {
        asked.push(number);
        const found = pages[number - 1];
        return found === undefined ? Promise.reject(new ApiError("refused", 404, "none")) : Promise.resolve(found);
      },
    },
    clock,
    preferences: new PreferenceStore(storage),
    meetingId: 7,
    userId,
    announce: (notice) => told.push(notice),
    nameOf: (id) => (id === 1 ? "Anna L." : null),
  });
  const say = (id: string, text: string, isFinal = false, at_s = 10, by = 1, mood: Mood | null = null) =>
    model.take({ kind: "caption", lineId: id, userId: by, speaker: "Bo", startedAt: new Date(at_s * 1000), text, language: "en", isFinal, mood });
  const texts = (lines: readonly { readonly text: string }[]) => lines.map(({ text }) => text);
  return { model, told, prepared, asked, clock, say, texts, now: () => model.captions.value };
}

test("a server that cannot get ready beforehand is no news", async () => {
  const { told, prepared, now } = setUp({ refusal: new ApiError("refused", 503, "busy") });
  now().prepare();
  await Promise.resolve();
  expect(prepared).toEqual([7]);
  expect(told).toEqual([]);
});

test("who is written down by somebody's switch is told once, also after an outage, and again after a new beginning", () => {
  const { model, told, now } = setUp();
  model.takeState(ON);
  expect(now()).toMatchObject({ state: "on", by: "Anna L.", isNews: true });
  now().understand();
  model.entered();
  model.takeState({ ...ON, condition: "behind" });
  expect(now()).toMatchObject({ isNews: false, condition: "behind" });
  model.takeState(OFF);
  expect(now()).toMatchObject({ state: "off", isNews: false });
  model.takeState({ ...ON, since: new Date(9000) });
  expect(now().isNews).toBe(true);
  expect(told).toEqual([{ kind: "captionsOff" }]);
});

test("whoever switches them on is not told as news, and hears of it once though two answers come", async () => {
  const { model, told, now } = setUp({ userId: 1 });
  await now().switchTo(true);
  model.takeState(ON);
  expect(now()).toMatchObject({ state: "on", isNews: false });
  expect(told).toEqual([{ kind: "captionsOn" }]);
});

test("a refused switch gives the server's reason", async () => {
  const { told, now } = setUp({ refusal: new ApiError("refused", 503, "Run: salon models pull") });
  await now().switchTo(true);
  expect(told).toEqual([{ kind: "actionFailed", problem: { kind: "invalid", detail: "Run: salon models pull" } }]);
  expect(now().state).toBe("unknown");
});

test("a line grows in its place, its result ends it, and a late guess changes nothing", () => {
  const { say, texts, now } = setUp();
  say("a", "Good", false, 10);
  say("b", "Hello", false, 11, 9);
  say("a", "Good morning", false, 10.4);
  say("a", "Good morning.", true, 10);
  say("a", "Good mo", false, 10);
  expect(texts(now().lines)).toEqual(["Good morning.", "Hello"]);
  expect(now().lines.map(({ speaker }) => speaker)).toEqual(["Anna L.", "Bo"]);
  say("b", "", true, 11);
  expect(texts(now().lines)).toEqual(["Good morning."]);
});

test("a line that began earlier is put where it belongs", () => {
  const { say, texts, now } = setUp();
  say("b", "second", true, 12);
  say("a", "first", true, 10);
  expect(texts(now().lines)).toEqual(["first", "second"]);
});

test("three lines are in sight, and each goes some time after its last word", async () => {
  const { say, texts, clock, now } = setUp();
  for (const [index, text] of ["one", "two", "three", "four"].entries()) say(text, text, true, index);
  expect(texts(now().recent)).toEqual(["two", "three", "four"]);
  await clock.pass(4000);
  say("four", "four", true, 3);
  await clock.pass(2000);
  expect(texts(now().recent)).toEqual(["four"]);
  await clock.pass(4000);
  expect(now().recent).toEqual([]);
  expect(now().lines).toHaveLength(4);
});

test("who comes late reads what was said before, and what is heard live is not there twice", async () => {
  const { say, texts, now } = setUp({ pages: [page([line("a", 1, "one"), line("b", 2, "two")], 3), page([line("c", 3, "three")], 3)] });
  say("c", "three!", true, 3);
  say("d", "four", false, 4);
  now().loadHistory();
  expect(now().history).toBe("loading");
  await settle();
  expect(now().history).toBe("ready");
  expect(texts(now().lines)).toEqual(["one", "two", "three!", "four"]);
  expect(texts(now().recent)).toEqual(["three!", "four"]);
});

test("a mood that was told stays with its line, also when the transcript is read, which keeps none", async () => {
  const { say, now } = setUp({ pages: [page([line("a", 1, "one"), line("b", 2, "Great!")])] });
  const mood = { label: "happy", share: 0.83 } as const;
  say("b", "Gre", false, 2);
  say("b", "Great!", true, 2, 1, mood);
  now().loadHistory();
  await settle();
  expect(now().lines.map(({ text, mood: told }) => [text, told])).toEqual([
    ["one", null],
    ["Great!", mood],
  ]);
});

test("a meeting without a transcript has no history, which is no failure", async () => {
  const { now } = setUp({ pages: [] });
  now().loadHistory();
  await settle();
  expect(now()).toMatchObject({ history: "ready", lines: [] });
});

test("after an outage unfinished lines are gone, and what was missed is read again", async () => {
  const { model, say, texts, asked, now } = setUp({ pages: [page([line("b", 11, "missed")])] });
  say("a", "unfin", false, 10);
  model.entered();
  expect(now().lines).toEqual([]);
  expect(asked).toEqual([]);
  now().loadHistory();
  await settle();
  model.entered();
  await settle();
  expect(asked).toEqual([1, 1]);
  expect(texts(now().lines)).toEqual(["missed"]);
});

test("how captions are shown is remembered", () => {
  const store = new Map<string, string>();
  const { now } = setUp({ store });
  expect(now()).toMatchObject({ isShown: true, size: "medium" });
  now().setShown(false);
  now().setSize("large");
  expect(setUp({ store }).now()).toMatchObject({ isShown: false, size: "large" });
});
