/** How the models of the server do, asked for while an administrator looks. */

import type { AdminApi } from "../api/admin";
import type { Clock } from "../rtc/clock";
import type { AiFeed, AiReading } from "./administration";
import { Polling, type Sight } from "./polling";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";

export class AiModel implements AiFeed {
  readonly #api: Pick<AdminApi, "ai">;
  readonly #polling: Polling;
  readonly #reading = new Value<AiReading>({ problem: null, figures: null });

  constructor(api: Pick<AdminApi, "ai">, clock: Clock, sight: Sight) {
    this.#api = api;
    this.#polling = new Polling(() => this.#load(), clock, sight);
  }

  get reading(): Readable<AiReading> {
    return this.#reading;
  }

  start(): () => void {
    return this.#polling.start();
  }

  reload(): void {
    this.#polling.now();
  }

  async #load(): Promise<void> {
    try {
      const figures = await this.#api.ai();
      this.#reading.update(() => ({ problem: null, figures }));
    } catch (error) {
      this.#reading.update((before) => ({ ...before, problem: problemOf(error) }));
    }
  }
}
