import { expect, test } from "vitest";
import { dateText, daysUntil, localInputValue, nextFullHour } from "./meetingTime";
import { checkCreate } from "./useCreateForm";

const NOW = new Date(2026, 10, 22, 23, 40);

test("days are counted on the calendar, not in hours", () => {
  expect(daysUntil(new Date(2026, 10, 22, 0, 1), NOW)).toBe(0);
  expect(daysUntil(new Date(2026, 10, 23, 0, 5), NOW)).toBe(1);
  expect(daysUntil(new Date(2026, 10, 21, 23, 59), NOW)).toBe(-1);
});

test("the year is said only if it is another one", () => {
  expect(dateText(new Date(2026, 11, 3), "en", NOW)).not.toContain("2026");
  expect(dateText(new Date(2027, 0, 3), "en", NOW)).toContain("2027");
});

test("a new meeting starts at the next full hour by itself", () => {
  expect(localInputValue(nextFullHour(NOW))).toBe("2026-11-23T00:00");
});

test("a meeting needs a title, and a start that is still to come", () => {
  const fields = { title: "Round", when: "later" as const, start: "2026-11-23T00:00", password: "" };
  expect(checkCreate(fields, NOW)).toEqual({});
  expect(checkCreate({ ...fields, title: "  " }, NOW)).toEqual({ title: "account.required" });
  expect(checkCreate({ ...fields, start: "" }, NOW)).toEqual({ start: "account.required" });
  expect(checkCreate({ ...fields, start: "2026-11-22T23:00" }, NOW)).toEqual({ start: "create.pastStart" });
  expect(checkCreate({ ...fields, when: "now", start: "" }, NOW)).toEqual({});
});
