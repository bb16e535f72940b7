/** What a call knows of its meeting's rules; what a moderator does here, and what one did to us. */

import type { RoomInfo, ServerMessage } from "../rtc/messages";
import type { LobbyList, MeetingState, ModerationNotice } from "../rtc/meetingMessages";
import type { Notice } from "./call";
import type { CallServices } from "./callServices";
import type { Allows, Block, Hosting, HostActions } from "./hosting";
import type { LocalMediaModel } from "./localMedia";
import { roleNumber, roleOf, type Role } from "./people";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";
import type { ScreenShareModel } from "./screenShareModel";

const ALL_ALLOWED: Allows = { audio: true, video: true, screenShare: true, chat: true };

export type HostingOptions = {
  readonly services: CallServices;
  readonly meetingId: number;
  readonly userId: number;
  readonly media: LocalMediaModel;
  readonly screen: ScreenShareModel;
  readonly announce: (notice: Notice) => void;
  /** The name somebody goes by; null if it is not known. */
  readonly nameOf: (userId: number) => string | null;
  /** The roles of those in the room, as the server tells them. */
  readonly onRoles: (roles: ReadonlyMap<number, number>) => void;
};

export class HostingModel {
  readonly #options: HostingOptions;
  readonly #hosting: Value<Hosting>;
  #audioBlock: Block = "free";
  #videoBlock: Block = "free";

  constructor(options: HostingOptions) {
    this.#options = options;
    this.#hosting = new Value<Hosting>({
      role: "participant",
      canModerate: false,
      isHost: false,
      isLocked: false,
      allows: ALL_ALLOWED,
      waiting: [],
      actions: this.#actions(),
    });
  }

  get hosting(): Readable<Hosting> {
    return this.#hosting;
  }

  /** Reads our own entry of the room's list. */
  takeRoom(room: RoomInfo): void {
    const own = room.sessions.find(({ isSelf }) => isSelf);
    if (own === undefined) return;
    this.#audioBlock = own.audioBlock;
    this.#videoBlock = own.videoBlock;
    if (own.role !== null) this.#setRole(roleOf(own.role));
    this.#applyBlocks();
  }

  /** Takes a message of ours; false if it is not. */
  take(message: ServerMessage): boolean {
    switch (message.kind) {
      case "meetingState":
        this.#takeState(message);
        return true;
      case "moderation":
        this.#takeModeration(message);
        return true;
      case "lobbyList":
        this.#takeLobby(message);
        return true;
      default:
        return false;
    }
  }

  #takeState({ isLocked, allows, roles }: MeetingState): void {
    this.#hosting.update((hosting) => ({ ...hosting, isLocked, allows }));
    const own = roles.get(this.#options.userId);
    if (own !== undefined) this.#setRole(roleOf(own));
    this.#options.onRoles(roles);
    this.#applyBlocks();
  }

  #takeModeration({ action, audioBlock, videoBlock, role, ...notice }: ModerationNotice): void {
    const by = notice.by === null ? "" : (this.#options.nameOf(notice.by.userId) ?? notice.by.username);
    const before = { audio: this.#audioBlock, video: this.#videoBlock };
    this.#audioBlock = audioBlock;
    this.#videoBlock = videoBlock;
    const wasRole = this.#hosting.value.role;
    this.#setRole(roleOf(role));
    const { media, announce } = this.#options;
    if (audioBlock !== "free" && (action === "mute" || before.audio !== audioBlock)) {
      const wasHeard = !media.microphone.value.isMuted;
      media.hush("microphone");
      if (wasHeard || audioBlock === "held") announce({ kind: "silenced", device: "microphone", by, isHeld: audioBlock === "held" });
    }
    if (videoBlock !== "free" && (action === "stop_video" || before.video !== videoBlock)) {
      media.hush("camera");
      this.#options.screen.stop();
      announce({ kind: "silenced", device: "camera", by, isHeld: videoBlock === "held" });
    }
    // One's own hand lifts what is only muted: no news.
    if (before.audio === "held" && audioBlock === "free") announce({ kind: "released", device: "microphone" });
    if (before.video === "held" && videoBlock === "free") announce({ kind: "released", device: "camera" });
    if (action === "role" && wasRole !== roleOf(role)) announce({ kind: "roleChanged", role: roleOf(role) });
    this.#applyBlocks();
  }

  #takeLobby({ waiting }: LobbyList): void {
    this.#hosting.update((hosting) => ({ ...hosting, waiting }));
  }

  #setRole(role: Role): void {
    if (role === this.#hosting.value.role) return;
    const isHost = role === "host";
    const canModerate = isHost || role === "moderator";
    this.#hosting.update((hosting) => ({
      ...hosting,
      role,
      isHost,
      canModerate,
      waiting: canModerate ? hosting.waiting : [],
    }));
  }

  /** Keeps the switches that lead nowhere from being pressed. */
  #applyBlocks(): void {
    const { media, screen } = this.#options;
    const { allows } = this.#hosting.value;
    media.block("microphone", reason(allows.audio, this.#audioBlock));
    media.block("camera", reason(allows.video, this.#videoBlock));
    screen.block(reason(allows.screenShare, this.#videoBlock));
  }

  #actions(): HostActions {
    const { services, meetingId } = this.#options;
    const { moderation, lobby } = services;
    const act = (request: () => Promise<void>): void => void this.#act(request);
    return {
      mute: (userId, hold) => act(() => moderation.mute(meetingId, userId, { audio: true, video: false, hold })),
      stopVideo: (userId, hold) => act(() => moderation.mute(meetingId, userId, { audio: false, video: true, hold })),
      release: (userId) => act(() => moderation.unmute(meetingId, userId, { audio: true, video: true })),
      muteAll: (hold) => act(() => moderation.muteAll(meetingId, { audio: true, video: false, hold })),
      releaseAll: () => act(() => moderation.unmuteAll(meetingId)),
      setLocked: (isLocked) => act(() => moderation.setLocked(meetingId, isLocked)),
      remove: (userId) => act(() => moderation.remove(meetingId, userId)),
      setRole: (userId, role) => act(() => moderation.setRole(meetingId, userId, roleNumber(role))),
      end: () => act(() => moderation.end(meetingId)),
      admit: (userId) => act(() => lobby.admit(meetingId, [userId])),
      admitAll: () => act(() => lobby.admit(meetingId, null)),
      deny: (userId) => act(() => lobby.deny(meetingId, [userId])),
      writeToLobby: (text) => act(() => lobby.write(meetingId, text)),
    };
  }

  async #act(request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      this.#options.announce({ kind: "actionFailed", problem: problemOf(error) });
    }
  }
}

function reason(isAllowed: boolean, held: Block): "off" | "held" | null {
  if (!isAllowed) return "off";
  return held === "held" ? "held" : null;
}
