import { expect, test } from "vitest";
import { parseServerMessage } from "./messages";

function parse(type: number, payload: unknown) {
  return parseServerMessage(JSON.stringify({ id: "m", type, payload, timestamp: "2026-01-01T00:00:00Z" }));
}

test("whether captions are on, who switched them, and how they fare", () => {
  const payload = { enabled: true, by: { user_id: 3, username: "anna" }, since: "2026-01-01T10:00:00Z", condition: "behind", text: "Two speakers at most." };
  expect(parse(25, payload)).toEqual({
    kind: "captionState",
    captions: { isOn: true, by: { userId: 3, username: "anna" }, since: new Date("2026-01-01T10:00:00Z"), condition: "behind", text: "Two speakers at most." },
  });
});

test("captions that are off have nobody who switched them on, and a condition of a later server is none", () => {
  expect(parse(25, { enabled: false, by: null, since: null, condition: "sunny", text: "" })).toMatchObject({
    captions: { isOn: false, by: null, since: null, condition: "ok" },
  });
});

test("a line carries its speaker, its begin and whether it is final", () => {
  const payload = { line_id: "l1", speaker_key: "web_1", user_id: 3, speaker_label: "Anna", timestamp_ms: 1000, end_ms: 2000, text: " Good morning. ", language: "en", is_final: true, confidence: 0.9, tags: [] };
  expect(parse(26, payload)).toEqual({
    kind: "caption",
    lineId: "l1",
    userId: 3,
    speaker: "Anna",
    startedAt: new Date(1000),
    text: "Good morning.",
    language: "en",
    isFinal: true,
    mood: null,
  });
});

test.each([
  [[{ text: "情绪 happy 83%", kind: "ok" }], { label: "happy", share: 0.83 }],
  [[{ text: "ASR 97%", kind: "ok" }, { text: "情绪 fear 100%", kind: "ok" }], { label: "fear", share: 1 }],
  [[], null],
  [[{ text: "情绪失败", kind: "error" }], null],
  [[{ text: "情绪 happy", kind: "ok" }], null],
  [[{ text: "情绪 bored 83%", kind: "ok" }], null],
  [[{ text: "happy 83%", kind: "ok" }], null],
  [[{ kind: "ok" }], null],
  [null, null],
  [undefined, null],
])("of the tags %j the mood is %j", (tags, mood) => {
  expect(parse(26, { line_id: "l1", timestamp_ms: 1, text: "Great!", is_final: true, tags })).toMatchObject({ text: "Great!", mood });
});

test.each([{}, { line_id: "l1", text: "no time" }, { line_id: 5, timestamp_ms: 1, text: "" }])("a line such as %j is refused", (payload) => {
  expect(() => parse(26, payload)).toThrow();
});
