/** Live captions of a call: whether they are written, what was said, and how this person has them shown. */

import type { CaptionCondition } from "../api/captions";
import type { Mood, MoodLabel } from "../api/mood";
import type { CaptionSize } from "./preferences";

export type { CaptionCondition, CaptionSize, Mood, MoodLabel };

export type CaptionLine = {
  /** Stays the same from the first guess to the last word; use it as the key. */
  readonly id: string;
  readonly userId: number;
  readonly speaker: string;
  readonly startedAt: Date;
  readonly text: string;
  readonly language: string;
  /** Nothing of it will change any more. */
  readonly isFinal: boolean;
  /** What the words sound like; null: not told. It is told live and never kept: lines from before we came have none. */
  readonly mood: Mood | null;
};

export type Captions = {
  /** `unknown`: the server has not said anything of captions. */
  readonly state: "unknown" | "off" | "on";
  readonly condition: CaptionCondition;
  /** What to do about the condition, in the server's words. */
  readonly text: string;
  /** Who switched them on. */
  readonly by: string;
  /** This person has not yet said that they know. */
  readonly isNews: boolean;
  readonly understand: () => void;
  /** What has just been said: at most three lines, oldest first. */
  readonly recent: readonly CaptionLine[];
  /** All that is known of this session, in the order in which it was said. */
  readonly lines: readonly CaptionLine[];
  /** What was said before we came: `unread` until somebody asks for it. */
  readonly history: "unread" | "loading" | "ready" | "failed";
  readonly loadHistory: () => void;
  /** Where a browser fetches the transcript as a file of captions. */
  readonly fileUrl: string;
  readonly isShown: boolean;
  readonly setShown: (isShown: boolean) => void;
  readonly size: CaptionSize;
  readonly setSize: (size: CaptionSize) => void;
  /** This person is about to switch them on: the server can begin to get ready. */
  readonly prepare: () => void;
  /** For everybody; only moderators. What fails is told by a notice. */
  readonly switchTo: (isOn: boolean) => Promise<void>;
};
