import { useTranslation } from "react-i18next";
import { Segmented } from "../../ui/Segmented";
import { TextField } from "../../ui/TextField";
import type { PlanFaults, PlanFields } from "./usePlanForm";

type RepeatFieldsProps = { fields: PlanFields; faults: PlanFaults; change: (changed: Partial<PlanFields>) => void };

/** When a series ends. */
export function RepeatFields({ fields, faults, change }: RepeatFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <Segmented
        label={t("plan.ends")}
        value={fields.ends}
        options={[
          { value: "never", text: t("plan.endsNever") },
          { value: "count", text: t("plan.endsCount") },
          { value: "until", text: t("plan.endsUntil") },
        ]}
        onChange={(ends) => change({ ends })}
      />
      {fields.ends === "count" && (
        <TextField
          label={t("plan.count")}
          name="count"
          type="number"
          min={1}
          max={365}
          inputMode="numeric"
          value={fields.count}
          error={faults.count && t(faults.count)}
          onChange={(event) => change({ count: event.target.value })}
        />
      )}
      {fields.ends === "until" && (
        <TextField
          label={t("plan.until")}
          name="until"
          type="date"
          value={fields.until}
          error={faults.until && t(faults.until)}
          onChange={(event) => change({ until: event.target.value })}
        />
      )}
    </>
  );
}
