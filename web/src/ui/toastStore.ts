import { createContext, useContext } from "react";

export type ToastTone = "info" | "ok" | "warn" | "error";
export type Toast = { readonly id: number; readonly text: string; readonly tone: ToastTone };

const SHOWN_AT_ONCE = 3;
const SHOWN_FOR_MS = 4500;
const LONG_SHOWN_FOR_MS = 9000; // An error or a warning has more to read, and something to do about it.

type Timer = { start: (run: () => void, delay_ms: number) => unknown; stop: (handle: unknown) => void };
const BROWSER_TIMER: Timer = {
  start: (run, delay_ms) => window.setTimeout(run, delay_ms),
  stop: (handle) => window.clearTimeout(Number(handle)),
};

/** The short messages in sight: at most three, each for some seconds; saying the same again only restarts its time. */
export class ToastStore {
  #toasts: readonly Toast[] = [];
  #nextId = 1;
  readonly #timers = new Map<number, unknown>();
  readonly #listeners = new Set<() => void>();
  readonly #timer: Timer;

  constructor(timer: Timer = BROWSER_TIMER) {
    this.#timer = timer;
  }

  readonly list = (): readonly Toast[] => this.#toasts;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly show = (text: string, tone: ToastTone = "info"): void => {
    const same = this.#toasts.find((toast) => toast.text === text);
    const toast = same ?? { id: this.#nextId++, text, tone };
    if (same === undefined) {
      for (const old of this.#toasts.slice(0, Math.max(0, this.#toasts.length - SHOWN_AT_ONCE + 1))) {
        this.dismiss(old.id);
      }
      this.#change([...this.#toasts, toast]);
    }
    this.#timer.stop(this.#timers.get(toast.id));
    const delay_ms = tone === "error" || tone === "warn" ? LONG_SHOWN_FOR_MS : SHOWN_FOR_MS;
    this.#timers.set(
      toast.id,
      this.#timer.start(() => this.dismiss(toast.id), delay_ms),
    );
  };

  readonly dismiss = (id: number): void => {
    this.#timer.stop(this.#timers.get(id));
    this.#timers.delete(id);
    this.#change(this.#toasts.filter((toast) => toast.id !== id));
  };

  #change(toasts: readonly Toast[]): void {
    this.#toasts = toasts;
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

export const ToastContext = createContext(new ToastStore());

/** Shows a short message above everything. */
export function useToast(): ToastStore["show"] {
  return useContext(ToastContext).show;
}
