/** The signaling messages: what comes in, parsed; what goes out, made. */

import { ownPicture } from "../api/accounts";
import { Fields } from "../api/parse";
import { parseCaption, parseCaptionNews, type Caption, type CaptionNews } from "./captionMessages";
import {
  block,
  parseLobbyList,
  parseLobbyState,
  parseMeetingState,
  parseModeration,
  parseRecordingState,
  parseRunningRecording,
  type Block,
  type LobbyList,
  type LobbyState,
  type MeetingState,
  type ModerationNotice,
  type RecordingState,
  type RunningRecording,
} from "./meetingMessages";
import { parseVoiceNews, type VoiceNews } from "./voiceMessages";

/** Message types of the wire contract. */
export const MessageType = {
  JOIN: 4,
  LEAVE: 5,
  USER_LEFT: 7,
  CHAT: 8,
  MEDIA_CONTROL: 10,
  PING: 11,
  PONG: 12,
  ERROR: 13,
  ROOM_INFO: 14,
  MEDIA_OFFER: 18,
  MEDIA_GONE: 19,
  LOBBY_STATE: 20,
  LOBBY_LIST: 21,
  MODERATION: 22,
  MEETING_STATE: 23,
  RECORDING_STATE: 24,
  CAPTION_STATE: 25,
  CAPTION: 26,
  VOICE_STATE: 27,
} as const;

export type MediaState = { readonly audio: boolean; readonly video: boolean; readonly screen: boolean };

/** One session in the room: one tab of one person. */
export type SessionInfo = {
  readonly sessionId: string;
  readonly peerId: string;
  readonly userId: number;
  readonly username: string;
  readonly nickname: string;
  /** null without a picture. */
  readonly avatarUrl: string | null;
  readonly isSelf: boolean;
  readonly media: MediaState;
  /** null if the server does not say. */
  readonly role: number | null;
  readonly audioBlock: Block;
  readonly videoBlock: Block;
};

export type RoomInfo = {
  readonly sessionId: string;
  readonly iceServers: readonly RTCIceServer[];
  readonly sessions: readonly SessionInfo[];
  /** null: nothing is recorded. */
  readonly recording: RunningRecording | null;
};

export type MediaAction = "mute" | "unmute" | "video_on" | "video_off" | "screen_on" | "screen_off";

const ACTIONS: readonly string[] = ["mute", "unmute", "video_on", "video_off", "screen_on", "screen_off"];

export type ServerMessage =
  | { readonly kind: "roomInfo"; readonly room: RoomInfo }
  | { readonly kind: "userLeft"; readonly peerId: string; readonly isLost: boolean }
  | {
      readonly kind: "chat";
      readonly id: string;
      readonly userId: number;
      readonly username: string;
      readonly content: string;
      readonly sentAt: Date;
    }
  | { readonly kind: "mediaControl"; readonly peerId: string; readonly action: MediaAction }
  | { readonly kind: "mediaOffer"; readonly peerId: string; readonly neg: number; readonly sdp: string }
  | { readonly kind: "mediaGone"; readonly peerId: string }
  | LobbyState
  | LobbyList
  | ModerationNotice
  | MeetingState
  | RecordingState
  | CaptionNews
  | Caption
  | VoiceNews
  | { readonly kind: "error"; readonly message: string; readonly details: string }
  | { readonly kind: "pong" }
  /** A type this client has no use for. */
  | { readonly kind: "other" };

/** Reads one frame. Throws `MalformedError` or `SyntaxError` when it breaks the contract. */
export function parseServerMessage(text: string): ServerMessage {
  const envelope = new Fields(JSON.parse(text), "message");
  switch (envelope.number("type")) {
    case MessageType.ROOM_INFO:
      return { kind: "roomInfo", room: parseRoomInfo(envelope.object("payload"), envelope.instant("timestamp")) };
    case MessageType.USER_LEFT: {
      const payload = envelope.object("payload");
      // Without a cause the person is taken to have gone for good.
      return { kind: "userLeft", peerId: payload.textOr("peer_id", ""), isLost: payload.textOr("cause", "") === "lost" };
    }
    case MessageType.CHAT:
      return parseChat(envelope);
    case MessageType.MEDIA_CONTROL: {
      const payload = envelope.object("payload");
      const action = parseAction(payload.text("action"));
      if (action === null) return { kind: "other" };
      return { kind: "mediaControl", peerId: payload.textOr("peer_id", envelope.textOr("peer_id", "")), action };
    }
    case MessageType.MEDIA_OFFER: {
      const payload = envelope.object("payload");
      const sdp = payload.object("offer").text("sdp");
      return { kind: "mediaOffer", peerId: payload.text("peer_id"), neg: payload.number("neg"), sdp };
    }
    case MessageType.MEDIA_GONE:
      return { kind: "mediaGone", peerId: envelope.object("payload").text("peer_id") };
    case MessageType.LOBBY_STATE:
      return parseLobbyState(envelope.object("payload"));
    case MessageType.LOBBY_LIST:
      return parseLobbyList(envelope.object("payload"));
    case MessageType.MODERATION:
      return parseModeration(envelope.object("payload"));
    case MessageType.MEETING_STATE:
      return parseMeetingState(envelope.object("payload"));
    case MessageType.RECORDING_STATE:
      return parseRecordingState(envelope.object("payload"), envelope.instant("timestamp"));
    case MessageType.CAPTION_STATE:
      return parseCaptionNews(envelope.object("payload"));
    case MessageType.CAPTION:
      return parseCaption(envelope.object("payload"));
    case MessageType.VOICE_STATE:
      return parseVoiceNews(envelope.object("payload"));
    case MessageType.ERROR: {
      const payload = envelope.object("payload");
      return { kind: "error", message: payload.text("message"), details: payload.textOr("details", "") };
    }
    case MessageType.PONG:
      return { kind: "pong" };
    default:
      return { kind: "other" };
  }
}

/** One frame for the server. */
export function encodeMessage(type: number, id: string, peerId: string, payload: unknown): string {
  return JSON.stringify({ id, type, peer_id: peerId, payload, timestamp: new Date().toISOString() });
}

/** The state after one MEDIA_CONTROL. */
export function applyAction(state: MediaState, action: MediaAction): MediaState {
  switch (action) {
    case "mute":
      return { ...state, audio: false };
    case "unmute":
      return { ...state, audio: true };
    case "video_on":
      return { ...state, video: true };
    case "video_off":
      return { ...state, video: false };
    case "screen_on":
      return { ...state, screen: true };
    case "screen_off":
      return { ...state, screen: false };
  }
}

function parseRoomInfo(payload: Fields, sentAt: Date): RoomInfo {
  const recording = payload.findObject("recording");
  return {
    sessionId: payload.text("session_id"),
    iceServers: payload.objects("ice_servers").map(parseIceServer),
    sessions: payload.objects("participants").map(parseSession),
    recording: recording === null ? null : parseRunningRecording(recording, sentAt),
  };
}

function parseIceServer(fields: Fields): RTCIceServer {
  const server: RTCIceServer = { urls: fields.texts("urls") };
  if (fields.has("username")) server.username = fields.text("username");
  if (fields.has("credential")) server.credential = fields.text("credential");
  return server;
}

function parseSession(fields: Fields): SessionInfo {
  const media = fields.findObject("media");
  return {
    sessionId: fields.text("session_id"),
    peerId: fields.text("peer_id"),
    userId: fields.number("user_id"),
    username: fields.textOr("username", ""),
    nickname: fields.textOr("nickname", ""),
    avatarUrl: ownPicture(fields.textOr("avatar_url", "")),
    isSelf: fields.flag("is_self"),
    media: {
      audio: media?.flag("audio") ?? false,
      video: media?.flag("video") ?? false,
      screen: media?.flag("screen") ?? false,
    },
    role: fields.has("role") ? fields.number("role") : null,
    audioBlock: block(fields.textOr("audio_block", "")),
    videoBlock: block(fields.textOr("video_block", "")),
  };
}

function parseChat(envelope: Fields): ServerMessage {
  const payload = envelope.object("payload");
  return {
    kind: "chat",
    id: envelope.text("id"),
    userId: payload.numberOr("user_id", envelope.numberOr("from_user_id", 0)),
    username: payload.textOr("username", ""),
    content: payload.text("content"),
    sentAt: envelope.instant("timestamp"),
  };
}

function parseAction(text: string): MediaAction | null {
  return ACTIONS.includes(text) ? (text as MediaAction) : null;
}
