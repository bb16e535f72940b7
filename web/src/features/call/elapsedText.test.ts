import { expect, test } from "vitest";
import { elapsedText } from "./elapsedText";

test.each([
  [-5000, "0:00"],
  [7_900, "0:07"],
  [750_000, "12:30"],
  [3_723_000, "1:02:03"],
])("%i ms is %s", (elapsed_ms, text) => {
  expect(elapsedText(elapsed_ms)).toBe(text);
});
