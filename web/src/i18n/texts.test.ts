import { describe, expect, test } from "vitest";
import { en } from "./en";
import { enAdmin } from "./en.admin";
import { enRecording } from "./en.recording";
import { enTranscript } from "./en.transcript";
import { chooseLanguage } from "./language";
import { zhCN } from "./zh-CN";
import { zhCNAdmin } from "./zh-CN.admin";
import { zhCNRecording } from "./zh-CN.recording";
import { zhCNTranscript } from "./zh-CN.transcript";

type Tree = { readonly [key: string]: string | Tree };

function flatten(tree: Tree, path = ""): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string" ? [[`${path}${key}`, value] as const] : [...flatten(value, `${path}${key}.`)],
    ),
  );
}

describe("texts", () => {
  const english = flatten({ ...en, ...enAdmin, ...enRecording, ...enTranscript });
  const chinese = flatten({ ...zhCN, ...zhCNAdmin, ...zhCNRecording, ...zhCNTranscript });

  test("Chinese has every English text, and nothing is empty", () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
    expect([...english, ...chinese].filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  test("both languages name the same figures and names in a text", () => {
    const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
    for (const [key, text] of english) {
      // English says "1 person"; Chinese has no singular of its own and always counts.
      if (!key.endsWith("_one")) expect([key, holes(chinese.get(key) ?? "")]).toEqual([key, holes(text)]);
    }
  });

  test("Chinese was not left in English", () => {
    const same = [...english].filter(([key, text]) => chinese.get(key) === text);
    expect(same.map(([key]) => key)).toEqual(["app.name"]);
  });
});

test.each([
  [null, ["zh-TW", "en"], "zh-CN"],
  [null, ["de-DE", "en-GB"], "en"],
  [null, ["de"], "en"],
  ["zh-CN", ["en-US"], "zh-CN"],
  ["klingon", ["zh"], "zh-CN"],
])("remembered %j with preferences %j speaks %s", (remembered, preferred, language) => {
  expect(chooseLanguage(remembered, preferred)).toBe(language);
});
