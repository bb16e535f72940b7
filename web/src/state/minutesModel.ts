/** Loads the minutes of a meeting. */

import { ApiError } from "../api/http";
import type { TranscriptsApi } from "../api/transcripts";
import type { Minutes, MinutesState } from "./minutes";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";

export class MinutesModel implements Minutes {
  readonly #api: Pick<TranscriptsApi, "minutes">;
  readonly #meetingId: number;
  readonly #state = new Value<MinutesState>({ state: "loading" });

  constructor(api: Pick<TranscriptsApi, "minutes">, meetingId: number) {
    this.#api = api;
    this.#meetingId = meetingId;
  }

  get state(): Readable<MinutesState> {
    return this.#state;
  }

  reload(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    if (this.#state.value.state === "failed") this.#state.set({ state: "loading" });
    try {
      this.#state.set({ state: "ready", minutes: await this.#api.minutes(this.#meetingId) });
    } catch (error) {
      const isNone = error instanceof ApiError && error.status === 404;
      this.#state.set(isNone ? { state: "none" } : { state: "failed", problem: problemOf(error) });
    }
  }
}
