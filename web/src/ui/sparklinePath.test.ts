import { expect, test } from "vitest";
import { sparkline } from "./sparklinePath";

const FRAME = { width: 100, height: 26, slots: 5 };

test("figures run to the right edge, the highest at the top", () => {
  expect(sparkline([0, 5, 10], FRAME)).toEqual({
    line: "M50 23L75 13L100 3",
    area: "M50 23L75 13L100 3L100 26L50 26Z",
    end: { x: 100, y: 3 },
  });
});

test("nothing but zeros lies at the bottom, and no figure draws nothing", () => {
  expect(sparkline([0, 0], FRAME).line).toBe("M75 23L100 23");
  expect(sparkline([], FRAME)).toEqual({ line: "", area: "", end: null });
});

test("only as many as there are slots are drawn", () => {
  expect(sparkline([9, 9, 1, 1, 1, 1, 1], FRAME).line).toBe("M0 3L25 3L50 3L75 3L100 3");
});
