import { describe, expect, test } from "vitest";
import type { ChatLine } from "../../state/chat";
import { isContinuation, splitLinks } from "./chatGroups";

const line = (author: string, minute: number): ChatLine => ({
  id: `${author}${minute}`,
  author,
  avatarUrl: null,
  isMine: false,
  text: "hi",
  sentAt: new Date(2026, 0, 1, 12, minute),
  state: "sent",
});

describe("splitLinks", () => {
  test("finds web addresses and leaves the punctuation after them alone", () => {
    expect(splitLinks("see https://example.org/a?b=1, then go")).toEqual([
      { text: "see ", href: null },
      { text: "https://example.org/a?b=1", href: "https://example.org/a?b=1" },
      { text: ", then go", href: null },
    ]);
    expect(splitLinks("议程：https://example.org/议程。谢谢").map((part) => part.href)).toEqual([
      null,
      "https://example.org/议程",
      null,
    ]);
  });

  test("makes no link of anything but http and https", () => {
    for (const text of ["javascript:alert(1)", "data:text/html,x", "https://", "plain words"]) {
      expect(splitLinks(text)).toEqual([{ text, href: null }]);
    }
  });
});

test("a line goes on from the one before for the same author within three minutes", () => {
  expect(isContinuation(undefined, line("mira", 0))).toBe(false);
  expect(isContinuation(line("mira", 0), line("mira", 2))).toBe(true);
  expect(isContinuation(line("mira", 0), line("mira", 4))).toBe(false);
  expect(isContinuation(line("mira", 0), line("jonas", 1))).toBe(false);
});
