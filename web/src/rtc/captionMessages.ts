/** The signaling messages about live captions. */

import { parseCaptionState, type CaptionState } from "../api/captions";
import { findMood, type Mood } from "../api/mood";
import type { Fields } from "../api/parse";

export type CaptionNews = { readonly kind: "captionState"; readonly captions: CaptionState };

/** One line of one speaker. A later one with the same id takes its place; a final one without text withdraws it. */
export type Caption = {
  readonly kind: "caption";
  readonly lineId: string;
  readonly userId: number;
  readonly speaker: string;
  readonly startedAt: Date;
  readonly text: string;
  readonly language: string;
  readonly isFinal: boolean;
  /** Told with finished lines, by servers that are set to it, when it is plain; else null. */
  readonly mood: Mood | null;
};

export function parseCaptionNews(payload: Fields): CaptionNews {
  return { kind: "captionState", captions: parseCaptionState(payload) };
}

export function parseCaption(payload: Fields): Caption {
  return {
    kind: "caption",
    lineId: payload.text("line_id"),
    userId: payload.numberOr("user_id", 0),
    speaker: payload.textOr("speaker_label", ""),
    startedAt: new Date(payload.number("timestamp_ms")),
    text: payload.text("text").trim(),
    language: payload.textOr("language", ""),
    isFinal: payload.flag("is_final"),
    mood: findMood(payload),
  };
}
