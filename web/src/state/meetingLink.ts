/** Links to meetings: `<origin>/m/<number>`. */

const LARGEST_ID = 2 ** 32 - 1; // Meeting numbers are unsigned 32-bit integers on the wire.

/** The path of a meeting's page within the client. */
export function meetingPath(meetingId: number): string {
  return `/m/${meetingId}`;
}

/** The path of a meeting's page outside the call. */
export function detailsPath(meetingId: number): string {
  return `/meetings/${meetingId}`;
}

/** The link to send to others. */
export function meetingLink(meetingId: number, origin: string): string {
  return origin + meetingPath(meetingId);
}

/** The meeting that a typed or pasted link or number means; null if neither. */
export function parseMeetingInput(text: string): number | null {
  const digits = /^(?:.*\/m\/)?#?(\d{1,10})\/?(?:[?#].*)?$/.exec(text.trim())?.[1];
  if (digits === undefined) return null;
  const id = Number(digits);
  return id >= 1 && id <= LARGEST_ID ? id : null;
}
