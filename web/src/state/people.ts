/** Who is in the call, one line for each person however many tabs they have open. */

export type Role = "host" | "moderator" | "presenter" | "participant";

export type PersonHere = {
  readonly userId: number;
  readonly name: string;
  readonly isYou: boolean;
  readonly role: Role;
  readonly isMuted: boolean;
  readonly isCameraOn: boolean;
  readonly isSharing: boolean;
};
