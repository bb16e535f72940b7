/** The signaling messages about the meeting itself: its lobby, its rules, and what a moderator did. */

import { knockState, parseWaitingPerson, type KnockState, type WaitingPerson } from "../api/lobby";
import type { Fields } from "../api/parse";

/** `muted` is lifted by the person's own hand, `held` only by a moderator. */
export type Block = "free" | "muted" | "held";

/** What the meeting's settings leave open. */
export type Allows = {
  readonly audio: boolean;
  readonly video: boolean;
  readonly screenShare: boolean;
  readonly chat: boolean;
};

export type LobbyState = {
  readonly kind: "lobbyState";
  readonly state: KnockState;
  readonly position: number | null;
  /** From a host; empty if this brings none. */
  readonly message: string;
  readonly by: string;
};

export type LobbyList = { readonly kind: "lobbyList"; readonly waiting: readonly WaitingPerson[] };

export type ModerationNotice = {
  readonly kind: "moderation";
  /** `mute`, `unmute`, `stop_video`, `allow_video`, `role`, or what a later server says. */
  readonly action: string;
  readonly audioBlock: Block;
  readonly videoBlock: Block;
  readonly role: number;
  /** Who did it; null if it holds by the meeting's own rules. */
  readonly by: { readonly userId: number; readonly username: string } | null;
};

export type MeetingState = {
  readonly kind: "meetingState";
  readonly isLocked: boolean;
  readonly allows: Allows;
  readonly title: string;
  readonly roles: ReadonlyMap<number, number>;
};

/** The recording that a meeting is being made of. */
export type RunningRecording = {
  readonly recordingId: string;
  /** How long it had been running when the server said so: the server's clock need not be ours. */
  readonly age_ms: number;
  readonly by: { readonly userId: number; readonly username: string };
};

export type RecordingState = {
  readonly kind: "recordingState";
  readonly state: "recording" | "stopped" | "warning";
  readonly recording: RunningRecording;
  /** The server's words; empty where the state says it all. */
  readonly text: string;
};

export function parseLobbyState(payload: Fields): LobbyState {
  return {
    kind: "lobbyState",
    state: knockState(payload.text("state")),
    position: payload.has("position") ? payload.number("position") : null,
    message: payload.textOr("message", ""),
    by: payload.textOr("by", ""),
  };
}

export function parseLobbyList(payload: Fields): LobbyList {
  return { kind: "lobbyList", waiting: payload.objects("waiting").map(parseWaitingPerson) };
}

export function parseModeration(payload: Fields): ModerationNotice {
  const by = payload.findObject("by");
  return {
    kind: "moderation",
    action: payload.textOr("action", ""),
    audioBlock: block(payload.textOr("audio_block", "")),
    videoBlock: block(payload.textOr("video_block", "")),
    role: payload.numberOr("role", 1),
    by: by === null ? null : { userId: by.numberOr("user_id", 0), username: by.textOr("username", "") },
  };
}

export function parseMeetingState(payload: Fields): MeetingState {
  const allows = payload.object("allows");
  const roles = payload.object("roles");
  return {
    kind: "meetingState",
    isLocked: payload.flag("locked"),
    allows: {
      audio: allows.flag("audio"),
      video: allows.flag("video"),
      screenShare: allows.flag("screen_share"),
      chat: allows.flag("chat"),
    },
    title: payload.textOr("title", ""),
    roles: new Map(roles.names.map((name) => [Number(name), roles.number(name)])),
  };
}

export function parseRecordingState(payload: Fields, sentAt: Date): RecordingState {
  const state = payload.text("state");
  return {
    kind: "recordingState",
    state: state === "stopped" || state === "warning" ? state : "recording",
    recording: parseRunningRecording(payload, sentAt),
    text: payload.textOr("text", ""),
  };
}

export function parseRunningRecording(fields: Fields, sentAt: Date): RunningRecording {
  const by = fields.findObject("by");
  return {
    recordingId: fields.text("recording_id"),
    age_ms: Math.max(0, sentAt.getTime() - fields.instant("started_at").getTime()),
    by: { userId: by?.numberOr("user_id", 0) ?? 0, username: by?.textOr("username", "") ?? "" },
  };
}

/** A block by its word on the wire. */
export function block(text: string): Block {
  return text === "muted" || text === "held" ? text : "free";
}
