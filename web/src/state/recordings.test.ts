import { expect, test } from "vitest";
import { ApiError } from "../api/http";
import { FakeClock, settle } from "../testing/fakeClock";
import { standingOf, type RecordingView, type RenditionView } from "./recordings";
import { RecordingsModel } from "./recordingsModel";

function rendition(kind: RenditionView["kind"], state: RenditionView["state"], progress = 0, error = ""): RenditionView {
  return { kind, state, progress, error, url: null, bytes: 0 };
}

function recording(status: RecordingView["status"], ...renditions: RenditionView[]): RecordingView {
  return {
    id: "r1",
    meetingId: 7,
    title: "Weekly",
    status,
    startedAt: new Date(0),
    duration_s: 60,
    bytes: 1,
    byUserId: 1,
    byUsername: "ada",
    warning: "",
    thumbnailUrl: null,
    renditions,
    canStop: true,
    canDelete: true,
  };
}

test.each([
  [recording("recording"), { kind: "running" }],
  [recording("processing"), { kind: "finishing", progress: 0 }],
  [recording("completed", rendition("tracks", "ready"), rendition("mix", "ready", 100), rendition("composite", "processing", 20)), { kind: "finishing", progress: 60 }],
  [recording("completed", rendition("composite", "ready", 100)), { kind: "ready" }],
  [recording("completed", rendition("composite", "failed", 40, "The disk is full.")), { kind: "partly", reason: "The disk is full." }],
  [recording("failed", rendition("tracks", "failed", 0, "Nothing was recorded.")), { kind: "failed", reason: "Nothing was recorded." }],
])("how far a recording is %#", (view, standing) => {
  expect(standingOf(view)).toEqual(standing);
});

test("the list looks again until all is finished, and a passing fault meanwhile is not shown", async () => {
  const clock = new FakeClock();
  const answers: (RecordingView | ApiError)[] = [
    recording("processing"),
    new ApiError("network", 0, "No connection."),
    recording("completed", rendition("composite", "ready", 100)),
  ];
  let asked = 0;
  const model = new RecordingsModel({
    api: { retry: () => Promise.resolve(recording("processing")), remove: () => Promise.resolve() },
    fetch: () => {
      const answer = answers[Math.min(asked++, answers.length - 1)] ?? recording("failed");
      return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve({ items: [answer], total: 1, hasMore: false });
    },
    clock,
  });
  const close = model.open();
  await settle();
  expect(model.list.value.items[0]?.status).toBe("processing");
  await clock.pass(3000);
  expect(model.list.value.state).toBe("ready");
  await clock.pass(3000);
  expect(model.list.value.items[0]?.status).toBe("completed");
  await clock.pass(30_000);
  expect(asked).toBe(3);
  close();
});
