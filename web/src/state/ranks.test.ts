import { expect, test } from "vitest";
import { isAdministrator, ranksUpTo, whyOutOfReach } from "./ranks";

const ME = { id: 1, rank: 3 };

test("an administrator reaches everybody but themselves and those above", () => {
  expect(whyOutOfReach({ id: 2, rank: 1 }, ME)).toBeNull();
  expect(whyOutOfReach({ id: 2, rank: 3 }, ME)).toBeNull();
  expect(whyOutOfReach({ id: 2, rank: 4 }, ME)).toBe("above");
  expect(whyOutOfReach({ id: 1, rank: 3 }, ME)).toBe("self");
});

test("nobody gives a rank above their own", () => {
  expect(ranksUpTo(3)).toEqual([1, 2, 3]);
  expect(ranksUpTo(4)).toEqual([1, 2, 3, 4]);
});

test.each([
  [0, false],
  [2, false],
  [3, true],
  [4, true],
])("rank %d administers: %s", (rank, administers) => {
  expect(isAdministrator({ rank })).toBe(administers);
});
