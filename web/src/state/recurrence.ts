/** How a meeting repeats: from the choices of a form to an RFC 5545 rule and back. Pure. */

export type Repeat = "none" | "daily" | "weekdays" | "weekly" | "monthly";

export type Recurrence = {
  readonly repeat: Repeat;
  /** How many meetings in all; null: `until` ends it, or nothing does. */
  readonly count: number | null;
  /** The last day, as `YYYY-MM-DD`; null: no last day. */
  readonly until: string | null;
};

const RULES: Readonly<Record<Exclude<Repeat, "none">, string>> = {
  daily: "FREQ=DAILY",
  weekdays: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
  weekly: "FREQ=WEEKLY",
  monthly: "FREQ=MONTHLY",
};

/** The rule as the server takes it; empty for a meeting that does not repeat. */
export function ruleText({ repeat, count, until }: Recurrence): string {
  if (repeat === "none") return "";
  const end = count !== null ? `;COUNT=${count}` : until !== null ? `;UNTIL=${until.replaceAll("-", "")}T235959Z` : "";
  return RULES[repeat] + end;
}

/** The choices behind a rule; null for a rule that the form has no choices for. */
export function parseRule(text: string): Recurrence | null {
  if (text === "") return { repeat: "none", count: null, until: null };
  const parts = new Map(
    text.replace(/^RRULE:/i, "").split(";").map((part) => {
      const [name = "", value = ""] = part.split("=");
      return [name.toUpperCase(), value.toUpperCase()] as const;
    }),
  );
  const known = new Set(["FREQ", "BYDAY", "COUNT", "UNTIL"]);
  if ([...parts.keys()].some((name) => !known.has(name))) return null;
  const days = parts.get("BYDAY");
  const frequency = `FREQ=${parts.get("FREQ") ?? ""}${days === undefined ? "" : `;BYDAY=${days}`}`;
  const repeat = (Object.keys(RULES) as (keyof typeof RULES)[]).find((each) => RULES[each] === frequency);
  if (repeat === undefined) return null;
  const count = Number(parts.get("COUNT") ?? "0");
  const until = /^(\d{4})(\d{2})(\d{2})/.exec(parts.get("UNTIL") ?? "");
  return { repeat, count: count > 0 ? count : null, until: until === null ? null : `${until[1]}-${until[2]}-${until[3]}` };
}
