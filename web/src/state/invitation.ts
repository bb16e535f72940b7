/** An invite link as its holder meets it. */

import type { Outcome, Problem } from "./problem";
import type { Readable } from "./readable";

export type InvitationState =
  | { readonly state: "loading" }
  /** Unknown, expired, revoked, or not to be had now. */
  | { readonly state: "failed"; readonly problem: Problem }
  | {
      readonly state: "ready";
      readonly title: string;
      readonly host: string;
      readonly startsAt: Date | null;
      readonly takesGuests: boolean;
    };

export interface Invitation {
  readonly state: Readable<InvitationState>;
  load(): void;
  /** Takes the place, as whoever is signed in; the number of the meeting. */
  accept(): Promise<Outcome<number>>;
  /** Comes in under a name, without an account; the number of the meeting. */
  enterAsGuest(nickname: string): Promise<Outcome<number>>;
}
