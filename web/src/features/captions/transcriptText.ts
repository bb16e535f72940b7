type Said = { readonly startedAt: Date; readonly speaker: string; readonly text: string };

/** Lines as plain text, one a line, with time and speaker: for the clipboard. */
export function transcriptText(lines: readonly Said[], language: string): string {
  const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
  return lines.map(({ startedAt, speaker, text }) => `[${clock.format(startedAt)}] ${speaker === "" ? "" : `${speaker}: `}${text}`).join("\n");
}
