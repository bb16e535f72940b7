/** A moment in full, in the reader's language and on the reader's clock: "5 Jun 2026, 14:30". */
export function momentText(moment: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(moment);
}

/** A day without its time. */
export function dayText(moment: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(moment);
}

/** The start of a day that a date field names, or of the day after it; null if it names none. */
export function dayStart(field: string, daysLater = 0): Date | null {
  const [year, month, day] = field.split("-").map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const start = new Date(year, month - 1, day + daysLater);
  return Number.isNaN(start.getTime()) ? null : start;
}
