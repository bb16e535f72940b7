/** The meetings of the person who is signed in. */

import type { Outcome, Problem } from "./problem";

export type MeetingCard = {
  readonly id: number;
  readonly title: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly isRunning: boolean;
  readonly isOver: boolean;
  readonly hasPassword: boolean;
  readonly seats: number;
  readonly isMine: boolean;
  /** What to send to others. */
  readonly link: string;
};

export type MeetingPlan = {
  readonly title: string;
  /** null: right now. */
  readonly startsAt: Date | null;
  /** Empty: everybody with the link may join. */
  readonly password: string;
  /** What a meeting planned in detail has besides. */
  readonly details?: PlanDetails;
};

export type PlanDetails = {
  readonly description: string;
  readonly duration_min: number;
  readonly seats: number;
  readonly switches: Switches;
  /** An RFC 5545 rule; empty: once. */
  readonly recurrence: string;
  readonly timeZone: string;
};

/** What the host decides beforehand. */
export type Switches = {
  /** People wait until a host lets them in. */
  readonly approval: boolean;
  readonly muteOnJoin: boolean;
  readonly chat: boolean;
  readonly screenShare: boolean;
  /** People without an account may come by an invite link. */
  readonly guests: boolean;
};

export const PLAIN_SWITCHES: Switches = { approval: false, muteOnJoin: false, chat: true, screenShare: true, guests: false };

export type Meetings = {
  readonly state: "loading" | "ready" | "failed";
  /** Set while `state` is `failed`. */
  readonly problem: Problem | null;
  /** Running ones first, then by start. Kept while loading again. */
  readonly upcoming: readonly MeetingCard[];
  /** Latest first. */
  readonly past: readonly MeetingCard[];
  readonly reload: () => void;
  readonly create: (plan: MeetingPlan) => Promise<Outcome<MeetingCard>>;
};
