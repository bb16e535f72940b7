/** The mood of a line as the server guesses it from the words, and as tags of captions tell it. */

import type { Fields } from "./parse";

const MOODS = ["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"] as const;
export type MoodLabel = (typeof MOODS)[number];

export type Mood = {
  readonly label: MoodLabel;
  /** How much of the guess is this mood, 0 to 1. */
  readonly share: number;
};

/** What every client writes and reads, whatever its language: the word for mood, the label, a share in per cent. */
const TAG = /^情绪 (\w+) (\d{1,3})%$/;

/** The first mood among the tags of a line. Tags of any other form are meant for other clients, and are left alone. */
export function findMood(line: Fields): Mood | null {
  if (!line.has("tags")) return null;
  for (const tag of line.objects("tags")) {
    const [, label, percent] = TAG.exec(tag.textOr("text", "")) ?? [];
    const known = MOODS.find((each) => each === label);
    if (known !== undefined) return { label: known, share: Math.min(1, Number(percent) / 100) };
  }
  return null;
}
