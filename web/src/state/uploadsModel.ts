/** Sends files, two at a time, in the order in which they were chosen. */

import type { ApiError } from "../api/http";
import type { OpenTransfer, Transfer } from "../api/tusUpload";
import type { Clock } from "../rtc/clock";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";
import type { Upload, Uploads } from "./uploads";

const AT_ONCE = 2;
/** A guess from less than this is no guess. */
const GUESS_AFTER_MS = 2000;

type Running = { readonly transfer: Transfer; since_ms: number; from_bytes: number | null };

export class UploadsModel implements Uploads {
  readonly #open: OpenTransfer;
  readonly #clock: Clock;
  readonly #onDone: () => void;
  readonly #list = new Value<readonly Upload[]>([]);
  readonly #running = new Map<number, Running>();
  #nextId = 1;

  constructor(open: OpenTransfer, clock: Clock, onDone: () => void) {
    this.#open = open;
    this.#clock = clock;
    this.#onDone = onDone;
  }

  get list(): Readable<readonly Upload[]> {
    return this.#list;
  }

  add(files: readonly File[]): void {
    for (const file of files) {
      const id = this.#nextId++;
      const transfer = this.#open(file, {
        onProgress: (sent) => this.#progress(id, sent),
        onDone: () => this.#done(id),
        onFailed: (error) => this.#fail(id, error),
      });
      this.#running.set(id, { transfer, since_ms: 0, from_bytes: null });
      const upload: Upload = { id, name: file.name, bytes: file.size, sent_bytes: 0, left_s: null, state: "waiting", problem: null };
      this.#list.update((list) => [...list, upload]);
    }
    this.#startNext();
  }

  pause(id: number): void {
    if (!this.#is(id, "sending", "waiting")) return;
    this.#running.get(id)?.transfer.pause();
    this.#set(id, { state: "paused", left_s: null });
    this.#startNext();
  }

  resume(id: number): void {
    if (!this.#is(id, "paused", "failed")) return;
    this.#set(id, { state: "waiting", problem: null });
    this.#startNext();
  }

  cancel(id: number): void {
    const isDone = this.#is(id, "done");
    const running = this.#running.get(id);
    this.#running.delete(id);
    this.#list.update((list) => list.filter((upload) => upload.id !== id));
    if (!isDone) void running?.transfer.cancel();
    this.#startNext();
  }

  /** Stops them all; what was sent is kept, and goes on when the same file is chosen again. */
  close(): void {
    for (const { transfer } of this.#running.values()) transfer.pause();
    this.#running.clear();
  }

  #startNext(): void {
    for (const { id } of this.#list.value) {
      if (this.#list.value.filter(({ state }) => state === "sending").length >= AT_ONCE) return;
      const running = this.#running.get(id);
      if (running === undefined || !this.#is(id, "waiting")) continue;
      running.since_ms = this.#clock.now_ms();
      running.from_bytes = null;
      this.#set(id, { state: "sending" });
      running.transfer.start();
    }
  }

  #progress(id: number, sent_bytes: number): void {
    const running = this.#running.get(id);
    const upload = this.#list.value.find((each) => each.id === id);
    if (running === undefined || upload?.state !== "sending") return;
    running.from_bytes ??= sent_bytes; // What an earlier try had sent says nothing about the speed of this one.
    const took_ms = this.#clock.now_ms() - running.since_ms;
    const sent_now = sent_bytes - running.from_bytes;
    const left_s = took_ms < GUESS_AFTER_MS || sent_now <= 0 ? null : ((upload.bytes - sent_bytes) * took_ms) / sent_now / 1000;
    this.#set(id, { sent_bytes, left_s });
  }

  #done(id: number): void {
    this.#running.delete(id);
    const upload = this.#list.value.find((each) => each.id === id);
    this.#set(id, { state: "done", sent_bytes: upload?.bytes ?? 0, left_s: null });
    this.#onDone();
    this.#startNext();
  }

  #fail(id: number, error: ApiError): void {
    // The server says why: the size, the kind, the space that is left.
    const problem = problemOf(error, ({ status }) => (status === 403 || status === 507 ? "invalid" : null));
    this.#set(id, { state: "failed", problem, left_s: null });
    this.#startNext();
  }

  #is(id: number, ...states: Upload["state"][]): boolean {
    const upload = this.#list.value.find((each) => each.id === id);
    return upload !== undefined && states.includes(upload.state);
  }

  #set(id: number, change: Partial<Upload>): void {
    this.#list.update((list) => list.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
  }
}
