import type { TFunction } from "i18next";

/** A length of time in the reader's words: "1 h 30 min". */
export function durationText(t: TFunction, duration_min: number): string {
  const hours = Math.floor(duration_min / 60);
  const minutes = duration_min % 60;
  if (hours === 0) return t("plan.minutes", { count: minutes });
  return minutes === 0 ? t("plan.hours", { count: hours }) : t("plan.hoursMinutes", { hours, minutes });
}
