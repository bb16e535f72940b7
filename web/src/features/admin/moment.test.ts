import { expect, test } from "vitest";
import { dayStart } from "./moment";

test("a day begins at midnight on the reader's clock, and ends where the next begins", () => {
  expect(dayStart("2026-02-28")).toEqual(new Date(2026, 1, 28));
  expect(dayStart("2026-02-28", 1)).toEqual(new Date(2026, 2, 1));
});

test.each(["", "soon", "2026-02"])("%j names no day", (field) => {
  expect(dayStart(field)).toBeNull();
});
