/** A clock that only moves when a test says so. */

import type { Clock } from "../rtc/clock";

type Task = { readonly at_ms: number; readonly run: () => void };

export class FakeClock implements Clock {
  #now_ms = 0;
  readonly #tasks = new Set<Task>();

  now_ms(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, task: () => void): () => void {
    const entry: Task = { at_ms: this.#now_ms + delay_ms, run: task };
    this.#tasks.add(entry);
    return () => void this.#tasks.delete(entry);
  }

  /** Lets time pass and runs what falls due, in order; promises settle in between. */
  async pass(duration_ms: number): Promise<void> {
    const end_ms = this.#now_ms + duration_ms;
    await settle();
    for (;;) {
      const due = [...this.#tasks].filter(({ at_ms }) => at_ms <= end_ms).sort((one, other) => one.at_ms - other.at_ms)[0];
      if (due === undefined) break;
      this.#tasks.delete(due);
      this.#now_ms = due.at_ms;
      due.run();
      await settle();
    }
    this.#now_ms = end_ms;
  }
}

/** Lets everything that is already resolved run its course. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
