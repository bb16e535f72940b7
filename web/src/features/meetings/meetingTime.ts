/** When a meeting is, in words of the reader's language and clock. */

const DAY_MS = 86_400_000;

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Whole calendar days from `now` to `date` on the reader's clock; negative for the past. */
export function daysUntil(date: Date, now: Date): number {
  return Math.round((startOfDay(date) - startOfDay(now)) / DAY_MS);
}

/** A time such as "14:30" or "2:30 PM". */
export function timeText(date: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(date);
}

/** A weekday with the date, and the year if it is another one: "Thu, 3 Dec". */
export function dateText(date: Date, language: string, now: Date): string {
  return new Intl.DateTimeFormat(language, {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(date.getFullYear() !== now.getFullYear() && { year: "numeric" }),
  }).format(date);
}

/** A short month name for the date block. */
export function monthText(date: Date, language: string): string {
  return new Intl.DateTimeFormat(language, { month: "short" }).format(date);
}

/** The value of an `<input type="datetime-local">` for a moment on the reader's clock. */
export function localInputValue(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The next full hour after `now`. */
export function nextFullHour(now: Date): Date {
  const hour = new Date(now);
  hour.setHours(hour.getHours() + 1, 0, 0, 0);
  return hour;
}
