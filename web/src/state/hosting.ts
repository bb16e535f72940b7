/** The rules that hold in a call, and what this person may do about them. */

import type { WaitingPerson } from "../api/lobby";
import type { Allows, Block } from "../rtc/meetingMessages";
import type { Role } from "./people";

export type { Allows, Block, WaitingPerson };

export type Hosting = {
  readonly role: Role;
  /** Host or moderator: mutes, removes, locks, lets people in. */
  readonly canModerate: boolean;
  /** Changes roles, ends the meeting. */
  readonly isHost: boolean;
  readonly isLocked: boolean;
  readonly allows: Allows;
  /** Who waits to be let in, longest first; only moderators are told. */
  readonly waiting: readonly WaitingPerson[];
  readonly actions: HostActions;
};

/** What fails is told by a notice. */
export type HostActions = {
  readonly mute: (userId: number, isHeld: boolean) => void;
  readonly stopVideo: (userId: number, isHeld: boolean) => void;
  /** Lifts what holds somebody's microphone and camera. */
  readonly release: (userId: number) => void;
  readonly muteAll: (isHeld: boolean) => void;
  readonly releaseAll: () => void;
  readonly setLocked: (isLocked: boolean) => void;
  readonly remove: (userId: number) => void;
  readonly setRole: (userId: number, role: Role) => void;
  readonly end: () => void;
  readonly admit: (userId: number) => void;
  readonly admitAll: () => void;
  readonly deny: (userId: number) => void;
  readonly writeToLobby: (text: string) => void;
};
