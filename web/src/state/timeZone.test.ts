import { expect, test } from "vitest";
import { localIn, momentIn } from "./timeZone";

test.each([
  ["Europe/Berlin", "2027-01-15T10:00", "2027-01-15T09:00:00.000Z"],
  ["Europe/Berlin", "2027-07-15T10:00", "2027-07-15T08:00:00.000Z"],
  ["Europe/Berlin", "2027-03-28T03:30", "2027-03-28T01:30:00.000Z"], // The clocks have just gone forward.
  ["Asia/Shanghai", "2027-01-01T00:15", "2026-12-31T16:15:00.000Z"],
  ["Asia/Kolkata", "2027-05-05T12:00", "2027-05-05T06:30:00.000Z"],
  ["America/New_York", "2026-11-01T09:00", "2026-11-01T14:00:00.000Z"],
])("in %s a clock shows %s at %s", (zone, local, moment) => {
  expect(momentIn(zone, local)?.toISOString()).toBe(moment);
  expect(localIn(zone, new Date(moment))).toBe(local);
});

test("what is no time is no moment", () => {
  expect(momentIn("UTC", "")).toBeNull();
});
