import { expect, test } from "vitest";
import { ToastStore } from "./toastStore";

/** A clock that only moves by hand. */
function handClock() {
  let now_ms = 0;
  let nextHandle = 1;
  const waiting = new Map<number, { at_ms: number; run: () => void }>();
  return {
    start: (run: () => void, delay_ms: number) => {
      waiting.set(nextHandle, { at_ms: now_ms + delay_ms, run });
      return nextHandle++;
    },
    stop: (handle: unknown) => void waiting.delete(Number(handle)),
    pass(duration_ms: number) {
      now_ms += duration_ms;
      for (const [handle, { at_ms, run }] of [...waiting]) {
        if (at_ms <= now_ms && waiting.delete(handle)) run();
      }
    },
  };
}

test("a toast goes by itself, an error later than the rest", () => {
  const clock = handClock();
  const store = new ToastStore(clock);
  store.show("Link copied", "ok");
  store.show("That failed", "error");
  clock.pass(5000);
  expect(store.list().map((toast) => toast.text)).toEqual(["That failed"]);
  clock.pass(5000);
  expect(store.list()).toEqual([]);
});

test("the same words are shown once, and longer", () => {
  const clock = handClock();
  const store = new ToastStore(clock);
  store.show("Jonas came in");
  clock.pass(4000);
  store.show("Jonas came in");
  clock.pass(4000);
  expect(store.list()).toHaveLength(1);
  clock.pass(1000);
  expect(store.list()).toEqual([]);
});

test("at most three are in sight: the oldest makes room", () => {
  const store = new ToastStore(handClock());
  for (const text of ["a", "b", "c", "d"]) store.show(text);
  expect(store.list().map((toast) => toast.text)).toEqual(["b", "c", "d"]);
});

test("a dismissed toast stays away, and listeners hear of each change", () => {
  const store = new ToastStore(handClock());
  let changes = 0;
  const stop = store.subscribe(() => (changes += 1));
  store.show("a");
  store.dismiss(store.list()[0]?.id ?? 0);
  expect(store.list()).toEqual([]);
  expect(changes).toBe(2);
  stop();
  store.show("b");
  expect(changes).toBe(2);
});
