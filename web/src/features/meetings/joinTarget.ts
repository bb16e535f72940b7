/** The meeting that a pasted link or typed number means, or null. Accepts `42`, `#42`, `/m/42` and whole links. */
export function findMeetingId(text: string): number | null {
  const trimmed = text.trim();
  const number = /^#?\s*(\d{1,15})$/.exec(trimmed)?.[1] ?? /\/m\/(\d{1,15})(?:[/?#]|$)/.exec(trimmed)?.[1];
  const id = Number(number);
  return number !== undefined && id > 0 ? id : null;
}
