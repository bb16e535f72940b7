/** Keeps a list of recordings true while they are being finished. */

import type { Slice } from "../api/admin";
import type { RecordingsApi, RecordingView } from "../api/recordings";
import type { Clock } from "../rtc/clock";
import { outcomeOf, problemOf, type Outcome } from "./problem";
import { Value, type Readable } from "./readable";
import { isOpen, type RecordingList, type Recordings } from "./recordings";

const LOOK_AGAIN_MS = 3000;

export type RecordingsOptions = {
  readonly api: Pick<RecordingsApi, "retry" | "remove">;
  readonly fetch: (page: number) => Promise<Slice<RecordingView>>;
  readonly clock: Clock;
};

export class RecordingsModel implements Recordings {
  readonly #options: RecordingsOptions;
  readonly #list = new Value<RecordingList>({ state: "loading", problem: null, items: [], page: 1, total: 0, hasMore: false });
  #asked = 0;
  #isWatched = false;
  #cancelWait: () => void = () => undefined;

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  get list(): Readable<RecordingList> {
    return this.#list;
  }

  open(): () => void {
    this.#isWatched = true;
    this.reload();
    return () => {
      this.#isWatched = false;
      this.#asked += 1;
      this.#cancelWait();
    };
  }

  reload(): void {
    void this.#load(this.#list.value.page, false);
  }

  go(page: number): void {
    void this.#load(page, false);
  }

  async retry(id: string): Promise<Outcome<null>> {
    return this.#change(() => this.#options.api.retry(id));
  }

  async remove(id: string): Promise<Outcome<null>> {
    const outcome = await this.#change(() => this.#options.api.remove(id));
    if (outcome.ok) this.#list.update((list) => ({ ...list, items: list.items.filter((item) => item.id !== id) }));
    return outcome;
  }

  async #change(request: () => Promise<unknown>): Promise<Outcome<null>> {
    const outcome = await outcomeOf(request);
    if (outcome.ok) this.reload();
    return outcome.ok ? { ok: true, value: null } : outcome;
  }

  /** `isQuiet`: by itself, so that a passing fault need not be shown: what is seen is still true enough. */
  async #load(page: number, isQuiet: boolean): Promise<void> {
    this.#cancelWait();
    this.#asked += 1;
    const asked = this.#asked;
    if (!isQuiet) this.#list.update((list) => ({ ...list, state: list.state === "failed" ? "loading" : list.state, problem: null }));
    try {
      const slice = await this.#options.fetch(page);
      if (asked !== this.#asked) return;
      if (slice.items.length === 0 && page > 1) {
        await this.#load(page - 1, isQuiet); // The last entries of this page went away meanwhile.
        return;
      }
      const { items, hasMore } = slice;
      this.#list.set({ state: "ready", problem: null, items, hasMore, page, total: slice.total ?? items.length });
    } catch (error) {
      if (asked !== this.#asked) return;
      if (!isQuiet) this.#list.update((list) => ({ ...list, state: "failed", problem: problemOf(error) }));
    }
    if (this.#isWatched && this.#list.value.items.some(isOpen)) {
      this.#cancelWait = this.#options.clock.after(LOOK_AGAIN_MS, () => void this.#load(page, true));
    }
  }
}
