import { useState } from "react";
import type { MeetingCard, Meetings } from "../../state/meetings";
import type { Problem } from "../../state/problem";
import { localInputValue, nextFullHour } from "./meetingTime";

export type CreateFields = { title: string; when: "now" | "later"; start: string; password: string };
export type CreateFault = "account.required" | "create.pastStart";

/** What is wrong with the fields, by field; empty if they may be sent. `start` is a text of a `datetime-local` field. */
export function checkCreate(fields: CreateFields, now: Date): Partial<Record<"title" | "start", CreateFault>> {
  const faults: Partial<Record<"title" | "start", CreateFault>> = {};
  if (fields.title.trim() === "") faults.title = "account.required";
  if (fields.when === "later") {
    const start_ms = new Date(fields.start).getTime();
    if (Number.isNaN(start_ms)) faults.start = "account.required";
    else if (start_ms < now.getTime()) faults.start = "create.pastStart";
  }
  return faults;
}

/** The form of a new meeting: its fields, what is wrong with them, and sending it. */
export function useCreateForm(create: Meetings["create"], onCreated: (meeting: MeetingCard) => void) {
  const [fields, setFields] = useState<CreateFields>(() => ({
    title: "",
    when: "now",
    start: localInputValue(nextFullHour(new Date())),
    password: "",
  }));
  const [faults, setFaults] = useState<ReturnType<typeof checkCreate>>({});
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = (changed: Partial<CreateFields>) => {
    setFields({ ...fields, ...changed });
    setFaults({});
  };
  const submit = async () => {
    const found = checkCreate(fields, new Date());
    setFaults(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    setProblem(null);
    const { title, when, start, password } = fields;
    const outcome = await create({ title: title.trim(), startsAt: when === "now" ? null : new Date(start), password });
    setBusy(false);
    if (outcome.ok) onCreated(outcome.value);
    else setProblem(outcome.problem);
  };
  return { fields, faults, isBusy, problem, change, submit };
}
