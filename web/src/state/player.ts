/** One recording, as its page plays it. */

import type { Problem } from "./problem";
import type { Readable } from "./readable";
import type { Playback } from "./playback";
import type { TimelinePicture } from "./timeline";

export type Download = { readonly kind: "film" | "sound" | "tracks"; readonly url: string; readonly bytes: number };

/** What is played: the finished film, or the tracks side by side. */
export type Source =
  | { readonly kind: "film"; readonly url: string }
  | { readonly kind: "tracks" }
  /** It still runs, or nothing of it can be played. */
  | { readonly kind: "none" };

export type PlayerState = {
  readonly state: "loading" | "ready" | "failed";
  readonly problem: Problem | null;
  readonly timeline: TimelinePicture | null;
  readonly source: Source;
  /** How far the film is; null: ready, or it will not come. */
  readonly filmProgress: number | null;
  /** Why there will be no film; empty otherwise. */
  readonly filmError: string;
  /** The film became ready while the tracks were playing. */
  readonly canSwitch: boolean;
  readonly downloads: readonly Download[];
};

export interface Player {
  readonly state: Readable<PlayerState>;
  readonly playback: Playback;
  /** Loads, and waits for the film. The answer ends that. */
  open(): () => void;
  reload(): void;
  switchToFilm(): void;
}
