import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { MinutesView } from "../../state/minutes";
import { MinutesOrigin } from "./MinutesOrigin";

const WORDS: MinutesView = { madeAt: new Date(0), madeBy: null, leftOut: 0, fallback: null, items: [], speakingTime: [] };

function originOf(different: Partial<MinutesView>): string {
  const { unmount } = render(<MinutesOrigin minutes={{ ...WORDS, ...different }} />);
  const text = screen.getByTestId("minutes-origin").textContent;
  unmount();
  return text;
}

test("minutes of the words say that nothing is invented", () => {
  expect(originOf({})).toContain("nothing is invented");
  expect(originOf({})).not.toContain("language model");
});

test("minutes of a language model name it, ask to check, and own to what was left out", () => {
  expect(originOf({ madeBy: "lab/<b>qwen & co</b>" })).toContain("By lab/<b>qwen & co</b>: check the passages.");
  expect(originOf({ madeBy: "qwen3" })).not.toContain("nothing is invented");
  expect(originOf({ madeBy: "qwen3", leftOut: 1 })).toContain("1 more point cited nothing");
  expect(originOf({ madeBy: "qwen3", leftOut: 3 })).toContain("3 more points cited nothing");
});

test("minutes that the words had to do say why", () => {
  expect(originOf({ fallback: "no_answer" })).toMatch(/did not answer.*nothing is invented/);
  expect(originOf({ fallback: "too_long" })).toContain("too long");
});
