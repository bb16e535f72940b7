import { CalendarSync, Globe, Timer } from "lucide-react";
import { useMemo, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Switches } from "../../state/meetings";
import type { PlannedMeeting } from "../../state/planned";
import type { Outcome } from "../../state/problem";
import type { Repeat } from "../../state/recurrence";
import { allZones } from "../../state/timeZone";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import { Switch } from "../../ui/Switch";
import { TextArea } from "../../ui/TextArea";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "../account/PasswordField";
import { problemText } from "../shell/problemText";
import { durationText } from "./durationText";
import { RepeatFields } from "./RepeatFields";
import { usePlanForm, type Plan } from "./usePlanForm";
import css from "./Plan.module.css";

const DURATIONS_MIN = [15, 30, 45, 60, 90, 120, 180, 240, 480];
const SWITCHES = ["approval", "muteOnJoin", "chat", "screenShare", "guests"] as const satisfies (keyof Switches)[];
const REPEAT_TEXTS = {
  none: "plan.repeatNone",
  daily: "plan.repeatDaily",
  weekdays: "plan.repeatWeekdays",
  weekly: "plan.repeatWeekly",
  monthly: "plan.repeatMonthly",
} as const satisfies Record<Repeat, string>;
const REPEATS = Object.keys(REPEAT_TEXTS) as Repeat[];

type PlanFormProps<T> = {
  before: PlannedMeeting | null;
  send: (plan: Plan) => Promise<Outcome<T>>;
  onDone: (value: T) => void;
  submitText: string;
  children?: ReactNode;
};

/** Everything that is decided about a meeting before it takes place. */
export function PlanForm<T>({ before, send, onDone, submitText, children }: PlanFormProps<T>) {
  const { t } = useTranslation();
  const { fields, faults, isBusy, problem, change, submit } = usePlanForm(before, send, onDone);
  const zones = useMemo(() => [...new Set([...allZones(), fields.zone])], [fields.zone]);
  const durations = [...new Set([...DURATIONS_MIN, fields.duration_min])].sort((one, other) => one - other);
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isBusy) void submit();
  };
  return (
    <form className={css.form} onSubmit={onSubmit} noValidate>
      <section className={css.column}>
        <TextField
          label={t("create.name")}
          name="title"
          placeholder={t("create.namePlaceholder")}
          autoComplete="off"
          maxLength={100}
          value={fields.title}
          error={faults.title && t(faults.title)}
          onChange={(event) => change({ title: event.target.value })}
        />
        <TextArea
          label={t("plan.description")}
          name="description"
          optional={t("common.optional")}
          hint={t("plan.descriptionHint")}
          maxLength={500}
          value={fields.description}
          onChange={(event) => change({ description: event.target.value })}
        />
        <div className={css.pair}>
          <TextField
            label={t("plan.start")}
            name="start"
            type="datetime-local"
            value={fields.start}
            error={faults.start && t(faults.start)}
            onChange={(event) => change({ start: event.target.value })}
          />
          <Select
            label={t("plan.duration")}
            icon={<Timer />}
            value={String(fields.duration_min)}
            options={durations.map((minutes) => ({ value: String(minutes), text: durationText(t, minutes) }))}
            onChange={(value) => change({ duration_min: Number(value) })}
          />
        </div>
        <Select
          label={t("plan.zone")}
          icon={<Globe />}
          value={fields.zone}
          options={zones.map((zone) => ({ value: zone, text: zone.replaceAll("_", " ") }))}
          onChange={(zone) => change({ zone })}
        />
        {before === null && (
          <>
            <Select
              label={t("plan.repeat")}
              icon={<CalendarSync />}
              value={fields.repeat}
              options={REPEATS.map((repeat) => ({ value: repeat, text: t(REPEAT_TEXTS[repeat]) }))}
              onChange={(value) => change({ repeat: REPEATS.find((each) => each === value) ?? "none" })}
            />
            {fields.repeat !== "none" && <RepeatFields fields={fields} faults={faults} change={change} />}
          </>
        )}
      </section>
      <section className={css.column}>
        <fieldset className={css.rules}>
          <legend className={css.legend}>{t("plan.rules")}</legend>
          {SWITCHES.map((name) => (
            <Switch
              key={name}
              label={t(`plan.${name}`)}
              hint={t(`plan.${name}Hint`)}
              checked={fields.switches[name]}
              onChange={(isOn) => change({ switches: { ...fields.switches, [name]: isOn } })}
            />
          ))}
        </fieldset>
        <TextField
          label={t("plan.seats")}
          name="seats"
          type="number"
          min={1}
          max={1000}
          inputMode="numeric"
          hint={t("plan.seatsHint")}
          value={fields.seats}
          error={faults.seats && t(faults.seats)}
          onChange={(event) => change({ seats: event.target.value })}
        />
        <PasswordField
          label={t("create.password")}
          name="meeting-password"
          autoComplete="new-password"
          optional={t("common.optional")}
          value={fields.password}
          hint={t(before?.hasPassword === true ? "plan.passwordKeep" : "create.passwordHint")}
          onChange={(password) => change({ password, dropsPassword: false })}
        />
        {before?.hasPassword === true && (
          <Switch
            label={t("plan.passwordRemove")}
            checked={fields.dropsPassword}
            onChange={(dropsPassword) => change({ dropsPassword, password: "" })}
          />
        )}
        {children}
        {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
        <Button type="submit" look="primary" size="large" wide busy={isBusy} data-testid="plan-submit">
          {submitText}
        </Button>
      </section>
    </form>
  );
}
