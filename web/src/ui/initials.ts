/** Up to two letters that stand for a name; one character for names in Chinese, Japanese or Korean. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const first = [...(words[0] ?? "?")];
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(name)) {
    // A given name ends a Chinese name, and its last character is what friends call each other by.
    return words.length > 1 ? (first[0] ?? "?") : (first.at(-1) ?? "?");
  }
  const second = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return ((first[0] ?? "?") + second).toLocaleUpperCase();
}

/** A hue in degrees, the same for the same name. */
export function hueOf(name: string): number {
  let hash = 2166136261;
  for (const character of name) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  }
  return (hash >>> 0) % 360;
}
