import { expect, test } from "vitest";
import { loudness } from "./meter";

test("silence is 0, speech lies between, a shout is 1", () => {
  const tone = (amplitude: number): Float32Array =>
    Float32Array.from({ length: 1024 }, (_, index) => amplitude * Math.sin(index / 5));
  expect(loudness(new Float32Array(1024))).toBe(0);
  expect(loudness(tone(0.02))).toBeGreaterThan(0.3);
  expect(loudness(tone(0.02))).toBeLessThan(0.8);
  expect(loudness(tone(1))).toBe(1);
  expect(loudness(new Float32Array(0))).toBe(0);
});
