import { expect, test } from "vitest";
import { parseTimeline } from "../api/recordings";
import { Fields } from "../api/parse";
import { isWithin, merged, pictureOf } from "./timeline";

const WIRE = {
  recording_id: "r1",
  title: "Weekly",
  duration: 100,
  started_at: "2026-01-01T10:00:00Z",
  people: [
    { stream: "web_b", user_id: "2", name: "Bo" },
    { stream: "web_a", user_id: "1", name: "Ada" },
    { stream: "web_b2", user_id: "2", name: "Bo" },
    { stream: "web_c", user_id: "3", name: "Cy" },
  ],
  tracks: [
    { track: "t1", stream: "web_a", media: "audio", codec: "opus", start: 0.5, end: 99, url: "/api/v1/recording/track/r1/t1" },
    { track: "t2", stream: "web_b", media: "video", codec: "vp8", start: 10, end: 30, url: "/api/v1/recording/track/r1/t2" },
    { track: "t3", stream: "web_b2", media: "audio", codec: "opus", start: 60, end: 120, url: "//evil.example/t3" },
  ],
  speech: [
    { stream: "web_a", start: 5, end: 9 },
    { stream: "web_a", start: 9, end: 12 },
    { stream: "web_b2", start: 70, end: 71 },
  ],
  chapters: [
    { at: 60, kind: "joined", name: "Bo" },
    { at: 10, kind: "joined", name: "Bo" },
    { at: 20, kind: "sang", name: "Bo" },
    { at: 400, kind: "stopped", name: "" },
  ],
  gaps: [{ track: "t2", stream: "web_b", start: 12, end: 13, cause: "loss" }],
  renditions: [
    { kind: "composite", state: "processing", progress: 140, error: null, job_id: "j", url: null, bytes: 0 },
    { kind: "hologram", state: "ready", progress: 100, error: null, job_id: null, url: "/x", bytes: 1 },
  ],
};

test("people who came twice have one lane, in the order of coming; who sent nothing has none", () => {
  const picture = pictureOf(parseTimeline(new Fields(WIRE)));
  expect(picture.lanes.map(({ name, streams }) => [name, streams])).toEqual([
    ["Ada", ["web_a"]],
    ["Bo", ["web_b", "web_b2"]],
  ]);
  expect(picture.lanes[1]?.present).toEqual([
    { start_s: 10, end_s: 30 },
    { start_s: 60, end_s: 100 },
  ]);
  expect(picture.lanes[0]?.speech).toEqual([{ start_s: 5, end_s: 12 }]);
  expect(picture.lanes[1]?.gaps).toEqual([{ start_s: 12, end_s: 13 }]);
});

test("chapters are in order and within the recording; what a later server tells is left out", () => {
  const { chapters } = pictureOf(parseTimeline(new Fields(WIRE)));
  expect(chapters.map(({ at_s, kind }) => [at_s, kind])).toEqual([
    [10, "joined"],
    [60, "joined"],
    [100, "stopped"],
  ]);
});

test("foreign addresses and unknown renditions are not taken over", () => {
  const { tracks, renditions } = parseTimeline(new Fields(WIRE));
  expect(tracks.map(({ url }) => url)).toEqual(["/api/v1/recording/track/r1/t1", "/api/v1/recording/track/r1/t2", ""]);
  expect(renditions).toEqual([{ kind: "composite", state: "processing", progress: 100, error: "", url: null, bytes: 0 }]);
});

test("spans are cut, ordered and joined; an empty one is none", () => {
  const spans = [
    { start_s: 8, end_s: 20 },
    { start_s: -2, end_s: 1 },
    { start_s: 3, end_s: 3 },
    { start_s: 0.5, end_s: 2 },
  ];
  expect(merged(spans, 10)).toEqual([
    { start_s: 0, end_s: 2 },
    { start_s: 8, end_s: 10 },
  ]);
  expect([1.9, 2, 5].map((at) => isWithin(merged(spans, 10), at))).toEqual([true, false, false]);
});
