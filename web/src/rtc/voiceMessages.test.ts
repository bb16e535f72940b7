import { expect, test } from "vitest";
import { parseServerMessage } from "./messages";

const TOLD = { speaker_key: "web_1", user_id: 3, speaker_label: "Anna", state: "suspicious", score: 0.91, speech_s: 12.4, at_ms: 1000 };

function parse(payload: unknown) {
  return parseServerMessage(JSON.stringify({ id: "m", type: 27, payload, timestamp: "2026-01-01T00:00:00Z" }));
}

test("whose voice it is, how it seems, and what that stands on; not the score, which would look like a certainty", () => {
  expect(parse(TOLD)).toEqual({ kind: "voiceState", speakerKey: "web_1", userId: 3, speaker: "Anna", state: "suspicious", speech_s: 12.4 });
});

test.each([
  [{ state: "no_data", score: null }, { state: "no_data" }],
  [{ state: "ok" }, { state: "ok" }],
  [{ state: "certainly_fake" }, { state: "no_data" }],
  [{ speech_s: -3 }, { speech_s: 0 }],
  [{ speech_s: 1e12 }, { speech_s: 86_400 }],
  [{ speech_s: "long" }, { speech_s: 0 }],
  [{ speaker_label: "A".repeat(5000) }, { speaker: "A".repeat(128) }],
  [{ speaker_label: null, user_id: null }, { speaker: "", userId: 0 }],
])("with %j it is read as %j", (different, expected) => {
  expect(parse({ ...TOLD, ...different })).toMatchObject(expected);
});

test.each([{ speaker_key: "" }, { speaker_key: "k".repeat(129) }, { speaker_key: 5 }, { state: 1 }, { state: undefined }])("with %j it is refused", (different) => {
  expect(() => parse({ ...TOLD, ...different })).toThrow();
});
