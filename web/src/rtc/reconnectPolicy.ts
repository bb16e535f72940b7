/** How long to wait before trying again. Pure: the same failures and the same dice give the same wait. */

const FIRST_MS = 200;
const GROWTH = 1.7;
/** A restarted server must have its people back within seconds: early waits stay short... */
const CEILING_MS = 1500;
/** ...and only an outage that lasts earns a server a slower knocking. */
const PATIENT_AFTER = 20;
const PATIENT_CEILING_MS = 5000;

/**
 * Milliseconds to wait after `failures` failed tries in a row (1 or more).
 *
 * Half of the wait is chance (`dice` in [0, 1)), so that the people of a restarted server do not all return in the
 * same instant.
 */
export function waitBeforeTry_ms(failures: number, dice: number): number {
  const ceiling = failures > PATIENT_AFTER ? PATIENT_CEILING_MS : CEILING_MS;
  const full = Math.min(ceiling, FIRST_MS * GROWTH ** Math.max(0, failures - 1));
  return full / 2 + (full / 2) * dice;
}
