/** Who is in the call, one line for each person however many tabs they have open. */

export type Role = "host" | "moderator" | "presenter" | "participant";

const NUMBERS: Readonly<Record<Role, number>> = { participant: 1, moderator: 2, presenter: 3, host: 4 };
const ROLES = new Map(Object.entries(NUMBERS).map(([role, number]) => [number, role as Role]));

/** A role by its number on the wire; what is not known is a participant. */
export function roleOf(number: number): Role {
  return ROLES.get(number) ?? "participant";
}

export function roleNumber(role: Role): number {
  return NUMBERS[role];
}

export type PersonHere = {
  readonly userId: number;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly isYou: boolean;
  readonly role: Role;
  readonly isMuted: boolean;
  readonly isCameraOn: boolean;
  readonly isSharing: boolean;
  /** Only a moderator lets them speak again. */
  readonly isAudioHeld: boolean;
  readonly isVideoHeld: boolean;
};
