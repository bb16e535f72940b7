/** Wall-clock times of any zone as moments, and back. Pure. */

const MINUTE_MS = 60_000;

/** The moment at which a clock in `zone` shows this text of a `datetime-local` field; null if it is none. */
export function momentIn(zone: string, local: string): Date | null {
  const wall_ms = Date.parse(`${local}Z`);
  if (Number.isNaN(wall_ms)) return null;
  // Twice, as the offset at the first guess may be that of the other side of a change of the clocks.
  const guess_ms = wall_ms - offset_ms(zone, wall_ms);
  return new Date(wall_ms - offset_ms(zone, guess_ms));
}

/** What a clock in `zone` shows, as a text for a `datetime-local` field. */
export function localIn(zone: string, moment: Date): string {
  return new Date(moment.getTime() + offset_ms(zone, moment.getTime())).toISOString().slice(0, 16);
}

/** The zone of this device. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All zones the browser knows, the own one among them. */
export function allZones(): string[] {
  return [...new Set([ownZone(), "UTC", ...Intl.supportedValuesOf("timeZone")])].sort();
}

function offset_ms(zone: string, at_ms: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(at_ms);
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((part) => part.type === type)?.value ?? "0");
  const shown_ms = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"));
  return shown_ms - Math.floor(at_ms / MINUTE_MS) * MINUTE_MS;
}
