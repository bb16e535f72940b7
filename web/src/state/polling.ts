/** Asking the server again and again while somebody looks. */

import { every, type Clock } from "../rtc/clock";

const PERIOD_MS = 3000;

/** What says whether the page is in sight. */
export type Sight = Pick<Document, "hidden" | "addEventListener" | "removeEventListener">;

export class Polling {
  readonly #load: () => Promise<void>;
  readonly #clock: Clock;
  readonly #sight: Sight;
  #isAsking = false;

  /** `load` must not throw. */
  constructor(load: () => Promise<void>, clock: Clock, sight: Sight) {
    this.#load = load;
    this.#clock = clock;
    this.#sight = sight;
  }

  /** The answer stops it. */
  start(): () => void {
    const look = (): void => {
      if (!this.#sight.hidden) this.now();
    };
    look();
    const stop = every(this.#clock, PERIOD_MS, look);
    this.#sight.addEventListener("visibilitychange", look);
    return () => {
      stop();
      this.#sight.removeEventListener("visibilitychange", look);
    };
  }

  now(): void {
    if (this.#isAsking) return; // A slow server is not asked twice.
    this.#isAsking = true;
    void this.#load().finally(() => {
      this.#isAsking = false;
    });
  }
}
