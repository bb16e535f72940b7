import { expect, test } from "vitest";
import { startI18n, switchLanguage } from "../../i18n";
import { ownPath, providerProblem } from "./providerProblem";

test("each reason has its own words, and a new one is a failure", async () => {
  const i18n = await startI18n();
  await switchLanguage(i18n, "en");
  expect(providerProblem(i18n.t, "oidc_denied")).toContain("cancelled");
  expect(providerProblem(i18n.t, "something_new")).toBe(providerProblem(i18n.t, "oidc_failed"));
});

test.each([
  ["/m/7", "/m/7"],
  [null, "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example/", "/"],
])("the way back to %j leads to %j", (wished, path) => {
  expect(ownPath(wished)).toBe(path);
});
