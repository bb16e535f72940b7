/** The signaling message about voices that may be synthetic. It comes to hosts and moderators alone. */

import { MalformedError, type Fields } from "../api/parse";

/** `no_data`: too little was heard, or nothing is listened to any more. */
export type VoiceState = "no_data" | "ok" | "suspicious";

/**
 * How one speaker's voice seems now.
 *
 * The server's score is left where it is: next to a name it would look like a certainty, which it is not.
 */
export type VoiceNews = {
  readonly kind: "voiceState";
  /** Which of their streams: the signaling peer id. */
  readonly speakerKey: string;
  readonly userId: number;
  readonly speaker: string;
  readonly state: VoiceState;
  /** Seconds of speech behind it. */
  readonly speech_s: number;
};

/** As long as a peer id may be, and twice as long as a name. */
const KEY_LIMIT = 128;
const NAME_LIMIT = 128;
/** More than anybody speaks in a meeting. */
const SPEECH_LIMIT_S = 86_400;

/** A state that a later server has says nothing that this client could repeat: it counts as no data. */
export function parseVoiceNews(payload: Fields): VoiceNews {
  const speakerKey = payload.text("speaker_key");
  if (speakerKey === "" || speakerKey.length > KEY_LIMIT) throw new MalformedError("payload.speaker_key", "the id of a stream");
  const state = payload.text("state");
  return {
    kind: "voiceState",
    speakerKey,
    userId: payload.numberOr("user_id", 0),
    speaker: payload.textOr("speaker_label", "").slice(0, NAME_LIMIT),
    state: state === "ok" || state === "suspicious" ? state : "no_data",
    speech_s: Math.min(SPEECH_LIMIT_S, Math.max(0, payload.numberOr("speech_s", 0))),
  };
}
