import { render, screen } from "@testing-library/react";
import { I18nextProvider } from "react-i18next";
import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import { addRecordingTexts } from "../../i18n/recording";
import type { Language } from "../../i18n/language";
import type { MinutesView } from "../../state/minutes";
import { MinutesOrigin } from "./MinutesOrigin";

const WORDS: MinutesView = { madeAt: new Date(0), madeBy: null, leftOut: 0, fallback: null, items: [], speakingTime: [] };

async function originOf(different: Partial<MinutesView>, language: Language = "en"): Promise<string> {
  const i18n = await startI18n();
  addRecordingTexts(i18n);
  await switchLanguage(i18n, language);
  const { unmount } = render(
    <I18nextProvider i18n={i18n}>
      <MinutesOrigin minutes={{ ...WORDS, ...different }} />
    </I18nextProvider>,
  );
  const text = screen.getByTestId("minutes-origin").textContent;
  unmount();
  return text;
}

test("minutes of the words say that nothing is invented", async () => {
  const text = await originOf({});
  expect(text).toContain("nothing is invented");
  expect(text).not.toContain("language model");
});

test("minutes of a language model name it, ask to check, and own to what was left out", async () => {
  const text = await originOf({ madeBy: "lab/<b>qwen & co</b>" });
  expect(text).toContain("By lab/<b>qwen & co</b>: check the passages.");
  expect(text).not.toContain("nothing is invented");
  expect(await originOf({ madeBy: "qwen3", leftOut: 1 })).toContain("1 more point did not stand on anything");
  expect(await originOf({ madeBy: "qwen3", leftOut: 3 })).toContain("3 more points did not stand on anything");
  expect(await originOf({ madeBy: "qwen3", leftOut: 3 }, "zh-CN")).toMatch(/由 qwen3 撰写，请核对出处.*另有 3 条/);
});

test("minutes that the words had to do say why", async () => {
  expect(await originOf({ fallback: "no_answer" })).toMatch(/did not answer.*nothing is invented/);
  expect(await originOf({ fallback: "too_long" })).toContain("too long");
  expect(await originOf({ fallback: "busy" }, "zh-CN")).toContain("请一分钟后再来");
});
