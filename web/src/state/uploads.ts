/** Files on their way to the server. */

import type { Problem } from "./problem";
import type { Readable } from "./readable";

export type Upload = {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly sent_bytes: number;
  /** null until it is known. */
  readonly left_s: number | null;
  readonly state: "waiting" | "sending" | "paused" | "failed" | "done";
  /** Set while `state` is `failed`. */
  readonly problem: Problem | null;
};

export interface Uploads {
  readonly list: Readable<readonly Upload[]>;
  add(files: readonly File[]): void;
  pause(id: number): void;
  /** Goes on where it stopped. */
  resume(id: number): void;
  /** Takes it away; the server forgets what it has. */
  cancel(id: number): void;
}
