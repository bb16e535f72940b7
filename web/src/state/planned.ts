/** One planned meeting, outside the call: to read, change, cancel, and invite to. */

import type { Scope } from "../api/meetings";
import type { MeetingCard, PlanDetails } from "./meetings";
import type { Outcome, Problem } from "./problem";
import type { Readable } from "./readable";
import type { Role } from "./people";

export type { Scope };

export type PlannedMeeting = MeetingCard & {
  readonly details: PlanDetails;
  readonly isSeries: boolean;
  readonly calendarPath: string;
};

export type InviteLink = {
  readonly id: number;
  readonly role: Role;
  readonly takesGuests: boolean;
  readonly expiresAt: Date;
  /** Only for those made on this page: the server keeps no copy. */
  readonly link: string | null;
};

export type PlannedState = {
  readonly state: "loading" | "ready" | "failed";
  readonly problem: Problem | null;
  readonly meeting: PlannedMeeting | null;
  /** null: not loaded, or not ours to see. */
  readonly invites: readonly InviteLink[] | null;
};

export type Change = {
  readonly title: string;
  readonly startsAt: Date;
  /** null: as it is; empty: none. */
  readonly password: string | null;
  readonly details: PlanDetails;
};

export interface Planned {
  readonly state: Readable<PlannedState>;
  reload(): void;
  save(change: Change, scope: Scope): Promise<Outcome<null>>;
  cancel(scope: Scope): Promise<Outcome<null>>;
  createInvite(options: { role: Role; lifetime_h: number; takesGuests: boolean }): Promise<Outcome<InviteLink>>;
  revokeInvite(inviteId: number): Promise<Outcome<null>>;
  mail(emails: readonly string[], message: string): Promise<Outcome<null>>;
}
