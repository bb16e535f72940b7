/** The languages Salon speaks, each with the name its speakers give it. */
export const LANGUAGES = [
  { value: "en", text: "English", lang: "en" },
  { value: "zh-CN", text: "简体中文", lang: "zh-CN" },
] as const;

export type Language = (typeof LANGUAGES)[number]["value"];

/** The first language a person prefers that Salon speaks; English if there is none. */
export function chooseLanguage(remembered: string | null, preferred: readonly string[]): Language {
  for (const tag of [remembered, ...preferred]) {
    const primary = tag?.toLowerCase().split("-")[0];
    if (primary === "zh") {
      return "zh-CN";
    }
    if (primary === "en") {
      return "en";
    }
  }
  return "en";
}
