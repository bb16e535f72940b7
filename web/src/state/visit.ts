/** One visit to a meeting's page: from the door, through the call, to the way out. */

import type { Call } from "./call";
import type { LocalMedia } from "./media";
import type { Problem } from "./problem";
import type { Readable } from "./readable";
import type { Waiting } from "./waiting";

export type MeetingAtDoor = {
  readonly id: number;
  /** null until known: strangers learn it when they join. */
  readonly title: string | null;
  readonly link: string;
};

export type VisitState =
  | { readonly stage: "looking" }
  | {
      readonly stage: "preJoin";
      readonly isJoining: boolean;
      readonly needsPassword: boolean;
      /** Why joining failed: `passwordNeeded`, `passwordWrong`, `network`… */
      readonly problem: Problem | null;
      readonly join: (password?: string) => void;
    }
  /** A host lets people in one by one, and has not decided on us. */
  | {
      readonly stage: "waiting";
      readonly waiting: Readable<Waiting>;
      readonly withdraw: () => void;
      readonly askAgain: () => void;
    }
  | { readonly stage: "call"; readonly call: Call }
  | { readonly stage: "left"; readonly cause: "left" | "ended" | "removed" | "replaced" | "disabled"; readonly rejoin: () => void }
  /** No way in: `notFound`, `ended`, `full`, `forbidden`, `early`… */
  | { readonly stage: "closed"; readonly problem: Problem; readonly retry: () => void };

export interface Visit {
  readonly meeting: Readable<MeetingAtDoor>;
  readonly state: Readable<VisitState>;
  readonly media: LocalMedia;
  /** Ends everything: call it when the page goes. */
  close(): void;
}
