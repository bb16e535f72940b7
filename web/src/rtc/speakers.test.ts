import { expect, test } from "vitest";
import { SpeakerDetector } from "./speakers";

test("the ring stays on through the gaps between words, and goes off after them", () => {
  const detector = new SpeakerDetector();
  expect(detector.read(new Map([["ann", 0.2]]), 0)).toEqual(new Set(["ann"]));
  expect(detector.read(new Map([["ann", 0]]), 900)).toEqual(new Set(["ann"]));
  expect(detector.read(new Map([["ann", 0]]), 1100)).toEqual(new Set());
});

test("a quiet room speaks not, and who left is forgotten", () => {
  const detector = new SpeakerDetector();
  expect(detector.read(new Map([["ann", 0.2], ["bob", 0.004]]), 0)).toEqual(new Set(["ann"]));
  expect(detector.read(new Map([["bob", 0.004]]), 100)).toEqual(new Set());
});
