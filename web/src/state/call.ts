/** What the call screen draws: one model for each noun on it. */

import type { Captions } from "./captions";
import type { Chat } from "./chat";
import type { BlockReason, DeviceTrouble, LocalMedia } from "./media";
import type { Hosting } from "./hosting";
import type { PersonHere, Role } from "./people";
import type { Problem } from "./problem";
import type { Happenings, Readable } from "./readable";
import type { RecordingNow } from "./recordingNow";
import type { Voices } from "./voices";

export type Connection = {
  readonly state: "connecting" | "connected" | "reconnecting" | "offline" | "failed";
  /** Absent while there is nothing to hurry. */
  readonly retryNow?: () => void;
};

export type Tile = {
  /** Stays the same for as long as the tile does; use it as the key. */
  readonly id: string;
  /** The signaling peer id of whoever is shown. */
  readonly streamId: string;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly isLocal: boolean;
  /** A picture without sound (sound is played elsewhere), or null: draw the avatar. */
  readonly video: MediaStream | null;
  /** The picture is a screen: show the whole of it, large, and never mirrored. */
  readonly isScreen: boolean;
  readonly isMuted: boolean;
  /** Here, but no media from them has come yet. */
  readonly isConnecting: boolean;
};

/** `tiles` never change order: the own one first, then by arrival. */
export type Grid = { readonly tiles: readonly Tile[] };

export type ScreenShare = {
  readonly isSharing: boolean;
  /** Absent: this browser cannot share, or the host does not let us (`blocked` says why). */
  readonly toggle?: () => void;
  readonly blocked?: BlockReason;
};

export type Sound = {
  /** The browser wants a click before it plays anything. */
  readonly isBlocked: boolean;
  readonly unblock: () => void;
};

/** Worth a toast. */
export type Notice =
  | { readonly kind: "joined" | "left"; readonly name: string }
  | { readonly kind: "shareFailed" | "microphoneLost" | "cameraLost" }
  /** A camera or microphone was switched on and did not start. */
  | { readonly kind: "deviceTrouble"; readonly trouble: DeviceTrouble }
  | { readonly kind: "chatFrom"; readonly name: string; readonly text: string }
  | { readonly kind: "chatRefused"; readonly reason: string }
  /** A moderator, or the meeting's rule (`by` is empty), switched our device off. */
  | { readonly kind: "silenced"; readonly device: "microphone" | "camera"; readonly by: string; readonly isHeld: boolean }
  | { readonly kind: "released"; readonly device: "microphone" | "camera" }
  | { readonly kind: "roleChanged"; readonly role: Role }
  /** By our own hand, so no window asks; or it is over for everybody. */
  | { readonly kind: "recordingStarted" | "recordingStopped" | "captionsOn" | "captionsOff" }
  /** To hosts and moderators alone, once until the voice seems well again. */
  | { readonly kind: "voiceSuspicious"; readonly name: string }
  | { readonly kind: "actionFailed"; readonly problem: Problem };

export interface Call {
  readonly meetingId: number;
  readonly startedAt: Date;
  readonly connection: Readable<Connection>;
  readonly grid: Readable<Grid>;
  /** Ids of the tiles whose people are speaking now. */
  readonly speaking: Readable<ReadonlySet<string>>;
  readonly media: LocalMedia;
  readonly screenShare: Readable<ScreenShare>;
  readonly sound: Readable<Sound>;
  readonly people: Readable<readonly PersonHere[]>;
  readonly chat: Readable<Chat>;
  readonly hosting: Readable<Hosting>;
  readonly recording: Readable<RecordingNow>;
  readonly captions: Readable<Captions>;
  /** Empty for all but hosts and moderators. */
  readonly voices: Readable<Voices>;
  readonly notices: Happenings<Notice>;
  leave(): void;
}
