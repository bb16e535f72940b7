/** Plays one or many media elements as one. */

import { every, type Clock } from "../rtc/clock";
import { Value, type Readable } from "./readable";

/** As much of an `<audio>` or `<video>` as is used. */
export type MediaLike = Pick<
  HTMLMediaElement,
  "currentTime" | "playbackRate" | "volume" | "muted" | "paused" | "readyState" | "error" | "play" | "pause"
>;

export type PlaybackState = {
  readonly isPlaying: boolean;
  /** It should play, but what is next has not arrived. */
  readonly isWaiting: boolean;
  readonly rate: number;
  /** 0 to 1. */
  readonly volume: number;
  readonly isMuted: boolean;
};

/** A part of the whole: `element` has the time `start_s`..`end_s` of the recording. */
type Part = { readonly element: MediaLike; readonly start_s: number; readonly end_s: number; readonly isSilent: boolean };

const TICK_MS = 100;
/** Beyond this a part jumps; an ear notices at once, an eye soon. */
const JUMP_S = 0.3;
/** Within this nobody notices; between the two a part runs a little faster or slower until it agrees. */
const AGREES_S = 0.04;
const CATCH_UP = 0.06;
const HAVE_FUTURE_DATA = 3;
/** What does not arrive in this time is played without. */
const PATIENCE_MS = 8000;
/** Elements that end a little early are not waited for. */
const END_S = 0.15;
export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

/**
 * One position for all parts. The first part that plays leads; the others follow it, by speed for small differences and
 * by a jump for large ones. Where no part has anything, the clock goes on alone.
 */
export class Playback {
  readonly #clock: Clock;
  readonly #state = new Value<PlaybackState>({ isPlaying: false, isWaiting: false, rate: 1, volume: 1, isMuted: false });
  readonly #position = new Value(0);
  readonly #parts = new Set<Part>();
  #duration_s = 0;
  #readAt_ms = 0;
  #waitsSince_ms: number | null = null;
  #givenUp = new WeakSet<MediaLike>();
  #endTicks: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get state(): Readable<PlaybackState> {
    return this.#state;
  }

  /** Seconds from the start of the recording. */
  get position(): Readable<number> {
    return this.#position;
  }

  setDuration(duration_s: number): void {
    this.#duration_s = duration_s;
  }

  /** Adds a part; the answer takes it out again. `isSilent`: its sound comes from another part. */
  attach(element: MediaLike, part: { start_s: number; end_s: number; isSilent: boolean }): () => void {
    const entry = { element, ...part };
    this.#parts.add(entry);
    this.#dress(entry);
    this.#place(entry, this.#position.value);
    return () => {
      element.pause();
      this.#parts.delete(entry);
    };
  }

  play(): void {
    if (this.#state.value.isPlaying || this.#duration_s <= 0) return;
    if (this.#position.value >= this.#duration_s - END_S) this.seek(0);
    this.#readAt_ms = this.#clock.now_ms();
    this.#state.update((state) => ({ ...state, isPlaying: true }));
    this.#endTicks = every(this.#clock, TICK_MS, () => this.#tick());
    this.#apply();
  }

  pause(): void {
    this.#endTicks();
    this.#waitsSince_ms = null;
    for (const { element } of this.#parts) element.pause();
    this.#state.update((state) => ({ ...state, isPlaying: false, isWaiting: false }));
  }

  toggle(): void {
    if (this.#state.value.isPlaying) this.pause();
    else this.play();
  }

  seek(to_s: number): void {
    const at_s = Math.min(this.#duration_s, Math.max(0, to_s));
    this.#givenUp = new WeakSet();
    this.#waitsSince_ms = null;
    this.#readAt_ms = this.#clock.now_ms();
    this.#position.set(at_s);
    for (const part of this.#parts) this.#place(part, at_s);
    if (this.#state.value.isPlaying) this.#apply();
  }

  skip(by_s: number): void {
    this.seek(this.#position.value + by_s);
  }

  setRate(rate: number): void {
    this.#state.update((state) => ({ ...state, rate }));
    for (const part of this.#parts) this.#dress(part);
  }

  setVolume(volume: number): void {
    this.#state.update((state) => ({ ...state, volume: Math.min(1, Math.max(0, volume)), isMuted: volume <= 0 }));
    for (const part of this.#parts) this.#dress(part);
  }

  toggleMuted(): void {
    this.#state.update((state) => ({ ...state, isMuted: !state.isMuted, volume: state.isMuted && state.volume === 0 ? 1 : state.volume }));
    for (const part of this.#parts) this.#dress(part);
  }

  close(): void {
    this.pause();
  }

  #tick(): void {
    const now_ms = this.#clock.now_ms();
    const { rate, isWaiting } = this.#state.value;
    const leader = this.#leader();
    const alone_s = this.#position.value + (isWaiting ? 0 : ((now_ms - this.#readAt_ms) / 1000) * rate);
    // A leader that was only just started still stands where it was put.
    const at_s = leader === null || isWaiting ? alone_s : Math.max(this.#position.value, leader.start_s + leader.element.currentTime);
    this.#readAt_ms = now_ms;
    this.#position.set(Math.min(this.#duration_s, at_s));
    if (at_s >= this.#duration_s - 0.01) {
      this.pause();
      return;
    }
    this.#apply();
  }

  /** Lets run what has something to say now, and nothing else. */
  #apply(): void {
    const at_s = this.#position.value;
    const now_ms = this.#clock.now_ms();
    const here = [...this.#parts].filter((part) => this.#isHere(part, at_s));
    const late = here.filter(({ element }) => element.readyState < HAVE_FUTURE_DATA);
    if (late.length === 0) this.#waitsSince_ms = null;
    else this.#waitsSince_ms ??= now_ms;
    if (this.#waitsSince_ms !== null && now_ms - this.#waitsSince_ms > PATIENCE_MS) {
      for (const { element } of late) this.#givenUp.add(element);
      this.#waitsSince_ms = null;
    }
    const isWaiting = this.#waitsSince_ms !== null;
    if (isWaiting !== this.#state.value.isWaiting) this.#state.update((state) => ({ ...state, isWaiting }));
    const leader = this.#leader();
    for (const part of this.#parts) {
      if (!here.includes(part) || isWaiting) part.element.pause();
      else this.#run(part, part === leader, at_s);
    }
  }

  #run(part: Part, isLeader: boolean, at_s: number): void {
    const { element, start_s } = part;
    const { rate } = this.#state.value;
    const ahead_s = element.currentTime - (at_s - start_s);
    if (Math.abs(ahead_s) > JUMP_S && !isLeader) element.currentTime = at_s - start_s;
    const lean = isLeader || Math.abs(ahead_s) <= AGREES_S || Math.abs(ahead_s) > JUMP_S ? 0 : -Math.sign(ahead_s) * CATCH_UP;
    const wanted = rate * (1 + lean);
    if (element.playbackRate !== wanted) element.playbackRate = wanted;
    if (!element.paused) return;
    if (Math.abs(ahead_s) > AGREES_S) element.currentTime = at_s - start_s;
    element.play().catch((error: unknown) => {
      // A pause came before it began, or the browser wants a click first: the next tick tries again, or the person does.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.pause();
    });
  }

  #isHere({ element, start_s, end_s }: Part, at_s: number): boolean {
    return start_s <= at_s && at_s < end_s - END_S && element.error === null && !this.#givenUp.has(element);
  }

  /** The first that plays; sound before pictures, since an ear minds a change of speed more. */
  #leader(): Part | null {
    const playing = [...this.#parts].filter((part) => this.#isHere(part, this.#position.value) && !part.element.paused);
    return playing.find(({ isSilent }) => !isSilent) ?? playing[0] ?? null;
  }

  #place({ element, start_s, end_s }: Part, at_s: number): void {
    const wanted = Math.min(Math.max(0, at_s - start_s), Math.max(0, end_s - start_s));
    if (Math.abs(element.currentTime - wanted) > 0.01) element.currentTime = wanted;
  }

  #dress({ element, isSilent }: Part): void {
    const { rate, volume, isMuted } = this.#state.value;
    element.playbackRate = rate;
    element.volume = volume;
    element.muted = isSilent || isMuted;
  }
}
