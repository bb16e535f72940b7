/** Time as the policies see it, so that tests can hold it still. */

export interface Clock {
  /** Milliseconds on a scale that only grows. */
  now_ms(): number;
  /** Runs `task` once after the delay. The answer cancels it. */
  after(delay_ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now_ms: () => performance.now(),
  after(delay_ms, task) {
    const timer = setTimeout(task, delay_ms);
    return () => clearTimeout(timer);
  },
};

/** Runs `task` again and again, `period_ms` after it began. The answer ends it. */
export function every(clock: Clock, period_ms: number, task: () => void): () => void {
  let cancel = clock.after(period_ms, again);
  function again(): void {
    cancel = clock.after(period_ms, again);
    task();
  }
  return () => cancel();
}
