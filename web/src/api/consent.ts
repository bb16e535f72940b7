/** What somebody lets the server conclude from their voice. */

import { understood, type Http } from "./http";
import { Fields } from "./parse";

export type MoodConsent = {
  readonly isGiven: boolean;
  /** This server concludes anything from voices at all. */
  readonly isAllowedHere: boolean;
  /** null: never changed. */
  readonly changedAt: Date | null;
};

const PATH = "/api/v1/ai/consent";

/** Calls about one's own consent. Every method throws `ApiError`. */
export class ConsentApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async mood(): Promise<MoodConsent> {
    const data = await this.#http.data(PATH);
    return understood(() => parseConsent(new Fields(data)));
  }

  async setMood(isGiven: boolean): Promise<MoodConsent> {
    const data = await this.#http.data(PATH, { method: "PUT", body: { mood_from_voice: isGiven } });
    return understood(() => parseConsent(new Fields(data)));
  }
}

export function parseConsent(fields: Fields): MoodConsent {
  return {
    isGiven: fields.flag("mood_from_voice"),
    isAllowedHere: fields.flag("allowed_here"),
    changedAt: fields.has("changed_at") ? fields.instant("changed_at") : null,
  };
}
