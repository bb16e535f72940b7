/** Whose voice may be synthetic, for the hosts and moderators of a call. Empty for everybody else. */

import type { VoiceState } from "../rtc/voiceMessages";

export type { VoiceState };

export type VoiceWarning = {
  /** The stream it is about, as tiles name it. */
  readonly streamId: string;
  readonly userId: number;
  /** Whole seconds of speech that the guess stands on. */
  readonly speech_s: number;
  /** Takes the warnings about this person away here, until a voice of theirs seemed well again. */
  readonly dismiss: () => void;
};

/** Those who stand under a warning now, in the order in which it came. */
export type Voices = readonly VoiceWarning[];
