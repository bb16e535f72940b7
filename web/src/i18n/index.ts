import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import { chooseLanguage, type Language } from "./language";
import type { Texts } from "./texts";

const REMEMBERED = "salon.language";

/** Who reads one language does not wait for the texts of the others. */
const TEXTS: Record<Language, () => Promise<Texts>> = {
  en: () => import("./en").then(({ en }) => en),
  "zh-CN": () => import("./zh-CN").then(({ zhCN }) => zhCN),
};

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // Storage is switched off: the browser's own preference decides each time.
  }
}

/**
 * Starts the texts in the person's language and keeps `<html lang>` true. Draw nothing before it is done: what is drawn
 * earlier has no words.
 */
export async function startI18n(): Promise<i18n> {
  const language = chooseLanguage(remembered(), navigator.languages);
  const texts = await TEXTS[language]();
  const instance = i18next.createInstance();
  instance.on("languageChanged", (chosen) => {
    document.documentElement.lang = chosen;
  });
  await instance.use(initReactI18next).init({
    resources: { [language]: { translation: texts } },
    lng: language,
    fallbackLng: false, // Every language has every text; a test sees to it.
    interpolation: { escapeValue: false }, // React escapes.
  });
  return instance;
}

/** Switches the language and remembers it on this device. Without the network it stays as it is. */
export async function switchLanguage(instance: i18n, language: Language): Promise<void> {
  try {
    // Over what pages of their own have taught already, never in its place.
    instance.addResourceBundle(language, "translation", await TEXTS[language](), true);
  } catch (error) {
    console.warn("salon: the texts of this language could not be loaded", error);
    return;
  }
  await instance.changeLanguage(language);
  try {
    localStorage.setItem(REMEMBERED, language);
  } catch {
    // Storage is switched off or full: the choice lasts as long as the page.
  }
}
