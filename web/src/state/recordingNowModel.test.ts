import { expect, test } from "vitest";
import { ApiError } from "../api/http";
import type { RecordingState } from "../rtc/meetingMessages";
import type { Notice } from "./call";
import { RecordingNowModel } from "./recordingNowModel";

const RUNNING = { recordingId: "r1", age_ms: 60_000, by: { userId: 1, username: "ada" } };

function setUp(userId: number, refusal: ApiError | null = null) {
  const told: Notice[] = [];
  const request = () => (refusal === null ? Promise.resolve() : Promise.reject(refusal));
  const model = new RecordingNowModel({
    moderation: { startRecording: request, stopRecording: request },
    meetingId: 7,
    userId,
    announce: (notice) => told.push(notice),
    nameOf: (id) => (id === 1 ? "Ada L." : null),
  });
  const hear = (state: RecordingState["state"], text = "") => model.take({ kind: "recordingState", state, recording: RUNNING, text });
  return { model, told, hear, now: () => model.recording.value };
}

test("who is recorded by somebody else is asked once, also after an outage", () => {
  const { model, told, hear, now } = setUp(2);
  hear("recording");
  expect(now()).toMatchObject({ isNews: true, running: { id: "r1", by: "Ada L." } });
  expect(Date.now() - (now().running?.startedAt.getTime() ?? 0)).toBeGreaterThanOrEqual(60_000);
  now().understand();
  model.takeRoom({ recording: RUNNING });
  hear("recording");
  expect(now().isNews).toBe(false);
  expect(told).toEqual([]);
});

test("who comes late learns it from the room's list alone", () => {
  const { model, now } = setUp(2);
  model.takeRoom({ recording: RUNNING });
  expect(now().isNews).toBe(true);
});

test("whoever started it is not asked, but sees that it runs", () => {
  const { told, hear, now } = setUp(1);
  hear("recording");
  expect(now()).toMatchObject({ isNews: false, running: { id: "r1" } });
  expect(told).toEqual([{ kind: "recordingStarted" }]);
});

test("trouble is shown until it is over or put aside; the end takes all away and is told once", () => {
  const { model, told, hear, now } = setUp(2);
  hear("warning", "The disk is slow.");
  expect(now().warning).toBe("The disk is slow.");
  now().hideWarning();
  expect(now().warning).toBe("");
  hear("warning", "The disk is full.");
  hear("stopped");
  model.takeRoom({ recording: null });
  expect(now()).toMatchObject({ running: null, warning: "", isNews: false });
  expect(told).toEqual([{ kind: "recordingStopped" }]);
});

test("a start that is refused says why", async () => {
  const { told, now } = setUp(1, new ApiError("refused", 503, "The server's disk is almost full."));
  await now().start();
  expect(told).toMatchObject([{ kind: "actionFailed" }]);
});
