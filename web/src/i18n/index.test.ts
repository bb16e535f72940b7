import { afterEach, expect, test } from "vitest";
import { switchLanguage, startI18n } from ".";
import { addRecordingTexts } from "./recording";

afterEach(() => localStorage.clear());

test("the first words are Chinese for who reads Chinese, and the English ones are not even there", async () => {
  localStorage.setItem("salon.language", "zh-CN");
  const i18n = await startI18n();
  expect(i18n.t("common.close")).toBe("关闭");
  expect(document.documentElement.lang).toBe("zh-CN");
  expect(i18n.hasResourceBundle("en", "translation")).toBe(false);
});

test("a language that comes later joins what a page of its own had taught, and is remembered", async () => {
  localStorage.setItem("salon.language", "en");
  const i18n = await startI18n();
  addRecordingTexts(i18n);
  await switchLanguage(i18n, "zh-CN");
  expect([i18n.t("common.close"), i18n.t("recordings.title")]).toEqual(["关闭", "录制"]);
  expect((await startI18n()).language).toBe("zh-CN");
});
