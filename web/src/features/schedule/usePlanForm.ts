import { useState } from "react";
import { PLAIN_SWITCHES, type PlanDetails, type Switches } from "../../state/meetings";
import type { PlannedMeeting } from "../../state/planned";
import type { Outcome, Problem } from "../../state/problem";
import { parseRule, ruleText, type Repeat } from "../../state/recurrence";
import { localIn, momentIn, ownZone } from "../../state/timeZone";
import { nextFullHour } from "../meetings/meetingTime";

const USUAL_DURATION_MIN = 60;
const USUAL_SEATS = 100;
const USUAL_COUNT = 10;

export type PlanFields = {
  title: string;
  description: string;
  start: string;
  zone: string;
  duration_min: number;
  repeat: Repeat;
  ends: "never" | "count" | "until";
  count: string;
  until: string;
  seats: string;
  password: string;
  dropsPassword: boolean;
  switches: Switches;
};

export type PlanFault = "account.required" | "create.pastStart" | "plan.badSeats" | "plan.badCount" | "plan.badUntil";
export type PlanFaults = Partial<Record<"title" | "start" | "seats" | "count" | "until", PlanFault>>;

/** What a form brings when nothing is wrong with it. */
export type Plan = { title: string; startsAt: Date; password: string | null; details: PlanDetails };

/** What is wrong with the fields, by field. `isNew`: a meeting that is changed may have started. */
export function checkPlan(fields: PlanFields, now: Date, isNew: boolean): PlanFaults {
  const faults: PlanFaults = {};
  const startsAt = momentIn(fields.zone, fields.start);
  if (fields.title.trim() === "") faults.title = "account.required";
  if (startsAt === null) faults.start = "account.required";
  else if (isNew && startsAt < now) faults.start = "create.pastStart";
  if (!isWhole(fields.seats, 1000)) faults.seats = "plan.badSeats";
  if (fields.repeat !== "none") {
    if (fields.ends === "count" && !isWhole(fields.count, 365)) faults.count = "plan.badCount";
    if (fields.ends === "until" && (fields.until === "" || fields.until < fields.start.slice(0, 10))) {
      faults.until = "plan.badUntil";
    }
  }
  return faults;
}

/** The plan behind fields that are right. */
export function planOf(fields: PlanFields, before: PlannedMeeting | null): Plan {
  const { repeat, ends, password } = fields;
  const rule = ruleText({
    repeat,
    count: ends === "count" ? Number(fields.count) : null,
    until: ends === "until" ? fields.until : null,
  });
  return {
    title: fields.title.trim(),
    startsAt: momentIn(fields.zone, fields.start) ?? new Date(),
    password: before !== null && password === "" && !fields.dropsPassword ? null : fields.dropsPassword ? "" : password,
    details: {
      description: fields.description.trim(),
      duration_min: fields.duration_min,
      seats: Number(fields.seats),
      switches: fields.switches,
      recurrence: before === null ? rule : before.details.recurrence,
      timeZone: fields.zone,
    },
  };
}

function firstFields(before: PlannedMeeting | null): PlanFields {
  const zone = before === null || before.details.timeZone === "" ? ownZone() : before.details.timeZone;
  const rule = parseRule(before?.details.recurrence ?? "");
  return {
    title: before?.title ?? "",
    description: before?.details.description ?? "",
    start: localIn(zone, before?.startsAt ?? nextFullHour(new Date())),
    zone,
    duration_min: before?.details.duration_min ?? USUAL_DURATION_MIN,
    repeat: rule?.repeat ?? "none",
    ends: rule?.count ? "count" : rule?.until ? "until" : "never",
    count: String(rule?.count ?? USUAL_COUNT),
    until: rule?.until ?? "",
    seats: String(before?.details.seats ?? USUAL_SEATS),
    password: "",
    dropsPassword: false,
    switches: before?.details.switches ?? PLAIN_SWITCHES,
  };
}

/** The form of a planned meeting, new (`before` is null) or changed. */
export function usePlanForm<T>(before: PlannedMeeting | null, send: (plan: Plan) => Promise<Outcome<T>>, onDone: (value: T) => void) {
  const [fields, setFields] = useState(() => firstFields(before));
  const [faults, setFaults] = useState<PlanFaults>({});
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = (changed: Partial<PlanFields>) => {
    setFields((now) => ({ ...now, ...changed }));
    setFaults({});
  };
  const submit = async () => {
    const found = checkPlan(fields, new Date(), before === null);
    setFaults(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    setProblem(null);
    const outcome = await send(planOf(fields, before));
    setBusy(false);
    if (outcome.ok) onDone(outcome.value);
    else setProblem(outcome.problem);
  };
  return { fields, faults, isBusy, problem, change, submit };
}

function isWhole(text: string, most: number): boolean {
  const value = Number(text);
  return text.trim() !== "" && Number.isInteger(value) && value >= 1 && value <= most;
}
