/** One's own consent, loaded and changed over REST. */

import type { ConsentApi } from "../api/consent";
import type { Consent, ConsentState } from "./consent";
import { outcomeOf, problemOf, type Outcome } from "./problem";
import { Value, type Readable } from "./readable";

export class ConsentModel implements Consent {
  readonly #api: Pick<ConsentApi, "mood" | "setMood">;
  readonly #state = new Value<ConsentState>({ state: "loading" });

  constructor(api: Pick<ConsentApi, "mood" | "setMood">) {
    this.#api = api;
  }

  get state(): Readable<ConsentState> {
    return this.#state;
  }

  reload(): void {
    void this.#load();
  }

  async setMood(isGiven: boolean): Promise<Outcome<null>> {
    const outcome = await outcomeOf(
      () => this.#api.setMood(isGiven),
      ({ status }) => (status === 403 ? "invalid" : null), // Forbidden on this server, which says so.
    );
    if (!outcome.ok) return outcome;
    this.#state.set({ state: "ready", mood: outcome.value });
    return { ok: true, value: null };
  }

  async #load(): Promise<void> {
    if (this.#state.value.state === "failed") this.#state.set({ state: "loading" });
    try {
      this.#state.set({ state: "ready", mood: await this.#api.mood() });
    } catch (error) {
      this.#state.set({ state: "failed", problem: problemOf(error) });
    }
  }
}
