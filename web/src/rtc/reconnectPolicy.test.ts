import { expect, test } from "vitest";
import { waitBeforeTry_ms } from "./reconnectPolicy";

test("waits grow from a fifth of a second to one and a half", () => {
  const longest = [1, 2, 3, 4, 5, 6].map((failures) => waitBeforeTry_ms(failures, 1));
  expect(longest[0]).toBe(200);
  expect(longest).toEqual([...longest].sort((one, other) => one - other));
  expect(longest.at(-1)).toBe(1500);
});

test("a server that is back within ten seconds is found at most one and a half seconds later", () => {
  let passed_ms = 0;
  for (let failures = 1; passed_ms < 10_000; failures += 1) {
    const wait_ms = waitBeforeTry_ms(failures, 1);
    expect(wait_ms).toBeLessThanOrEqual(1500);
    passed_ms += wait_ms;
  }
});

test("a lasting outage is knocked at slowly", () => {
  expect(waitBeforeTry_ms(21, 1)).toBe(5000);
  expect(waitBeforeTry_ms(10_000, 1)).toBe(5000);
});

test("half of the wait is chance", () => {
  expect(waitBeforeTry_ms(3, 0)).toBe(waitBeforeTry_ms(3, 1) / 2);
});
