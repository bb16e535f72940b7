import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { chooseLanguage, type Language } from "./language";
import { zhCN } from "./zh-CN";

const REMEMBERED = "salon.language";

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // Storage is switched off: the browser's own preference decides each time.
  }
}

/** Starts the texts in the person's language and keeps `<html lang>` true. Call once, before the first render. */
export function startI18n(): i18n {
  const instance = i18next.createInstance();
  instance.on("languageChanged", (language) => {
    document.documentElement.lang = language;
  });
  void instance.use(initReactI18next).init({
    resources: { en: { translation: en }, "zh-CN": { translation: zhCN } },
    lng: chooseLanguage(remembered(), navigator.languages),
    fallbackLng: "en",
    initAsync: false,
    interpolation: { escapeValue: false }, // React escapes.
  });
  return instance;
}

/** Switches the language and remembers it on this device. */
export async function switchLanguage(instance: i18n, language: Language): Promise<void> {
  await instance.changeLanguage(language);
  try {
    localStorage.setItem(REMEMBERED, language);
  } catch {
    // Storage is switched off or full: the choice lasts as long as the page.
  }
}
