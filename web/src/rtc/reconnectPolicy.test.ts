import { expect, test } from "vitest";
import { waitBeforeTry_ms } from "./reconnectPolicy";

test("waits grow from a quarter of a second to a few seconds", () => {
  const longest = [1, 2, 3, 4, 5, 6].map((failures) => waitBeforeTry_ms(failures, 1));
  expect(longest[0]).toBe(250);
  expect(longest).toEqual([...longest].sort((one, other) => one - other));
  expect(longest.at(-1)).toBe(3000);
});

test("a server that is back within ten seconds is tried at least four times by then", () => {
  let passed_ms = 0;
  let tries = 0;
  while ((passed_ms += waitBeforeTry_ms(tries + 1, 1)) < 10_000) tries += 1;
  expect(tries).toBeGreaterThanOrEqual(4);
});

test("a lasting outage is knocked at slowly", () => {
  expect(waitBeforeTry_ms(13, 1)).toBe(15_000);
  expect(waitBeforeTry_ms(10_000, 1)).toBe(15_000);
});

test("half of the wait is chance", () => {
  expect(waitBeforeTry_ms(3, 0)).toBe(waitBeforeTry_ms(3, 1) / 2);
});
