/** The one word for how the call is connected, from signaling, media and network. */

import type { Clock } from "../rtc/clock";
import type { LinkState } from "../rtc/mediaLink";
import type { Connection } from "./call";
import { Value, type Readable } from "./readable";

/** After this long without success the person should hear that something is wrong. */
const FAILED_AFTER_MS = 20_000;

/** Pure: the word for what is known. */
export function connectionState(known: {
  readonly isSignalingUp: boolean;
  readonly link: LinkState;
  readonly isOnline: boolean;
  readonly hasBeenUp: boolean;
  readonly downFor_ms: number;
}): Connection["state"] {
  if (known.isSignalingUp && known.link === "connected") return "connected";
  if (!known.isOnline) return "offline";
  if (known.downFor_ms >= FAILED_AFTER_MS) return "failed";
  return known.hasBeenUp ? "reconnecting" : "connecting";
}

export class ConnectionModel {
  readonly #clock: Clock;
  readonly #isOnline: () => boolean;
  readonly #retryNow: () => void;
  readonly #connection = new Value<Connection>({ state: "connecting" });
  #isSignalingUp = false;
  #link: LinkState = "idle";
  #hasBeenUp = false;
  #downSince_ms: number;
  #cancelLook: () => void = () => undefined;

  constructor(clock: Clock, isOnline: () => boolean, retryNow: () => void) {
    this.#clock = clock;
    this.#isOnline = isOnline;
    this.#retryNow = retryNow;
    this.#downSince_ms = clock.now_ms();
  }

  get connection(): Readable<Connection> {
    return this.#connection;
  }

  setSignaling(isUp: boolean): void {
    this.#isSignalingUp = isUp;
    this.look();
  }

  setLink(link: LinkState): void {
    this.#link = link;
    this.look();
  }

  /** Decides again, as when the network came or went. */
  look(): void {
    this.#cancelLook();
    const now_ms = this.#clock.now_ms();
    const wasUp = this.#connection.value.state === "connected";
    const state = connectionState({
      isSignalingUp: this.#isSignalingUp,
      link: this.#link,
      isOnline: this.#isOnline(),
      hasBeenUp: this.#hasBeenUp,
      downFor_ms: wasUp ? 0 : now_ms - this.#downSince_ms,
    });
    if (state === "connected") {
      this.#hasBeenUp = true;
    } else {
      if (wasUp) this.#downSince_ms = now_ms;
      if (state !== "failed") this.#cancelLook = this.#clock.after(FAILED_AFTER_MS, () => this.look());
    }
    if (state === this.#connection.value.state) return;
    const mayRetry = state === "reconnecting" || state === "failed" || state === "offline";
    this.#connection.set({ state, ...(mayRetry ? { retryNow: this.#retryNow } : {}) });
  }

  close(): void {
    this.#cancelLook();
  }
}
