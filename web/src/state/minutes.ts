/** Decisions, tasks and questions of a meeting, each with where it was said. */

import type { Minutes as MinutesView, MinutesItem } from "../api/transcripts";
import type { Problem } from "./problem";
import type { Readable } from "./readable";

export type { MinutesItem, MinutesView };

export type MinutesState =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly problem: Problem }
  /** There is no transcript to make them from. */
  | { readonly state: "none" }
  | { readonly state: "ready"; readonly minutes: MinutesView };

export interface Minutes {
  readonly state: Readable<MinutesState>;
  reload(): void;
}
