import { expect, test } from "vitest";
import { hueOf, initialsOf } from "./initials";

test.each([
  ["Mira Okafor", "MO"],
  ["jean-luc picard", "JP"],
  ["tomasz", "T"],
  ["王小明", "明"],
  ["李 静", "李"],
  ["👩‍🚀 Sally", "👩‍🚀S"],
  ["  ", "?"],
])("%j is drawn as %s", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test("a name always has the same colour", () => {
  expect(hueOf("Mira")).toBe(hueOf("Mira"));
  expect(hueOf("Mira")).not.toBe(hueOf("Jonas"));
  expect(hueOf("")).toBeGreaterThanOrEqual(0);
});
