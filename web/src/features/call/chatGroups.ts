import type { ChatLine } from "../../state/chat";

const SAME_BREATH_MS = 3 * 60_000;

/** Whether a line goes on from the one before, so that the name and time need not be said again. */
export function isContinuation(before: ChatLine | undefined, line: ChatLine): boolean {
  return (
    before !== undefined &&
    before.author === line.author &&
    before.isMine === line.isMine &&
    line.sentAt.getTime() - before.sentAt.getTime() < SAME_BREATH_MS
  );
}

export type TextPart = { readonly text: string; readonly href: string | null };

/** A message cut into plain text and web addresses. Only http and https become links. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'，。；！？、（）【】]+/giu)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/u, "");
    if (!URL.canParse(address)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}
