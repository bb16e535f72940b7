const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function characters(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

/** Up to two letters that stand for a name; one character for names in Chinese, Japanese or Korean. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s._-]+/u)
    .filter(Boolean)
    .map(characters);
  const [first] = words;
  const last = words.at(-1);
  if (first === undefined || last === undefined) {
    return "?";
  }
  if (IDEOGRAPHS.test(name)) {
    // A given name ends a Chinese name, and its last character is what friends call each other by.
    return (words.length > 1 ? first[0] : first.at(-1)) ?? "?";
  }
  return ((first[0] ?? "") + (words.length > 1 ? (last[0] ?? "") : "")).toLocaleUpperCase();
}

/** A hue in degrees, the same for the same name. */
export function hueOf(name: string): number {
  let hash = 2166136261;
  for (const character of name) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  }
  return (hash >>> 0) % 360;
}
