/** Recordings as lists show them. */

import type { RecordingView, RenditionView } from "../api/recordings";
import type { Outcome, Problem } from "./problem";
import type { Readable } from "./readable";

export type { RecordingView, RenditionView };

export type RecordingList = {
  /** `loading` only while there is nothing to show yet. */
  readonly state: "loading" | "ready" | "failed";
  readonly problem: Problem | null;
  /** Newest first. */
  readonly items: readonly RecordingView[];
  /** From 1. */
  readonly page: number;
  readonly total: number;
  readonly hasMore: boolean;
};

export interface Recordings {
  readonly list: Readable<RecordingList>;
  /** Loads, and looks again for as long as something is not finished. The answer ends that. */
  open(): () => void;
  reload(): void;
  go(page: number): void;
  retry(id: string): Promise<Outcome<null>>;
  remove(id: string): Promise<Outcome<null>>;
}

/** What there is to say about a recording besides its facts. */
export type Standing =
  | { readonly kind: "running" }
  | { readonly kind: "finishing"; readonly progress: number }
  | { readonly kind: "ready" }
  /** It can be played, but something of it could not be made. */
  | { readonly kind: "partly"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** How far a recording is. */
export function standingOf({ status, renditions, warning }: RecordingView): Standing {
  if (status === "recording") return { kind: "running" };
  const failed = renditions.find(({ state }) => state === "failed");
  if (status === "failed") return { kind: "failed", reason: failed?.error ?? warning };
  const open = renditions.filter(({ state, kind }) => kind !== "tracks" && (state === "pending" || state === "processing"));
  if (status === "processing" || open.length > 0) {
    const made = renditions.filter(({ kind }) => kind !== "tracks");
    const done = made.reduce((sum, { state, progress }) => sum + (state === "ready" ? 100 : progress), 0);
    return { kind: "finishing", progress: made.length === 0 ? 0 : Math.floor(done / made.length) };
  }
  return failed === undefined ? { kind: "ready" } : { kind: "partly", reason: failed.error };
}

/** Something about it will still change by itself. */
export function isOpen(recording: RecordingView): boolean {
  const { kind } = standingOf(recording);
  return kind === "running" || kind === "finishing";
}
