/** Ranks of accounts on the whole server, and what one administrator may do to another account. */

export const Rank = { USER: 1, MODERATOR: 2, ADMIN: 3, CHIEF: 4 } as const;
export const Standing = { INACTIVE: 0, ACTIVE: 1, BANNED: 2 } as const;

export type RankName = "user" | "moderator" | "admin" | "chief";
export type StandingName = "inactive" | "active" | "banned";

const RANKS: readonly RankName[] = ["user", "moderator", "admin", "chief"];
const STANDINGS: readonly StandingName[] = ["inactive", "active", "banned"];

export function rankName(rank: number): RankName {
  return RANKS[rank - 1] ?? "user";
}

export function standingName(standing: number): StandingName {
  return STANDINGS[standing] ?? "inactive";
}

export function isAdministrator(person: { readonly rank: number }): boolean {
  return person.rank >= Rank.ADMIN;
}

/** The ranks that somebody of this rank may give. */
export function ranksUpTo(rank: number): number[] {
  return Object.values(Rank).filter((each) => each <= rank);
}

/** Why rank and status of an account are not ours to change, or to end it: it is our own, or one above us. */
export function whyOutOfReach(
  account: { readonly id: number; readonly rank: number },
  me: { readonly id: number; readonly rank: number },
): "self" | "above" | null {
  if (account.id === me.id) return "self";
  return account.rank > me.rank ? "above" : null;
}
