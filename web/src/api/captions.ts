/** Live captions of a meeting: whether they are written, and the switch. */

import { understood, type Http } from "./http";
import { Fields } from "./parse";

/** `behind`: some speech is left out, the machine cannot keep up; `unavailable`: no model is there. */
export type CaptionCondition = "ok" | "behind" | "unavailable";

export type CaptionState = {
  readonly isOn: boolean;
  /** Who switched them on; null while they are off. */
  readonly by: { readonly userId: number; readonly username: string } | null;
  readonly since: Date | null;
  readonly condition: CaptionCondition;
  /** What to do about the condition, in the server's words; empty if there is nothing to say. */
  readonly text: string;
};

/** The server has to wake a model before it answers. */
const SWITCH_DEADLINE_MS = 30_000;

/** Calls about captions. Every method throws `ApiError`. */
export class CaptionsApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** The server wakes the model when whoever may switch them on asks how they stand. */
  async prepare(meetingId: number): Promise<void> {
    await this.#http.data(`/api/v1/ai/captions/${meetingId}`);
  }

  /** For everybody in the meeting; only moderators may. */
  async set(meetingId: number, enabled: boolean): Promise<CaptionState> {
    const data = await this.#http.data(`/api/v1/ai/captions/${meetingId}`, {
      method: "POST",
      body: { enabled },
      deadline_ms: SWITCH_DEADLINE_MS,
    });
    return understood(() => parseCaptionState(new Fields(data)));
  }
}

export function parseCaptionState(fields: Fields): CaptionState {
  const by = fields.findObject("by");
  const condition = fields.textOr("condition", "ok");
  return {
    isOn: fields.flag("enabled"),
    by: by === null ? null : { userId: by.numberOr("user_id", 0), username: by.textOr("username", "") },
    since: fields.has("since") ? fields.instant("since") : null,
    condition: condition === "behind" || condition === "unavailable" ? condition : "ok",
    text: fields.textOr("text", ""),
  };
}
