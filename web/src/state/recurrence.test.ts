import { expect, test } from "vitest";
import { parseRule, ruleText, type Recurrence } from "./recurrence";

test.each<[Recurrence, string]>([
  [{ repeat: "none", count: null, until: null }, ""],
  [{ repeat: "daily", count: null, until: null }, "FREQ=DAILY"],
  [{ repeat: "weekdays", count: 10, until: null }, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10"],
  [{ repeat: "weekly", count: null, until: "2027-01-31" }, "FREQ=WEEKLY;UNTIL=20270131T235959Z"],
  [{ repeat: "monthly", count: 3, until: null }, "FREQ=MONTHLY;COUNT=3"],
])("%j is the rule %s, and comes back from it", (recurrence, text) => {
  expect(ruleText(recurrence)).toBe(text);
  expect(parseRule(text)).toEqual(recurrence);
});

test.each(["FREQ=YEARLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=TU", "nonsense"])(
  "the form leaves a rule like %s as it is",
  (text) => expect(parseRule(text)).toBeNull(),
);
