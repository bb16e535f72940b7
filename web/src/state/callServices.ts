/** What a call stands on, made once for the page and handed down; tests hand down their own. */

import type { Accounts } from "../api/accounts";
import type { CaptionsApi } from "../api/captions";
import type { LobbyApi } from "../api/lobby";
import type { MeetingsApi } from "../api/meetings";
import type { ModerationApi } from "../api/moderation";
import type { TranscriptsApi } from "../api/transcripts";
import type { WebrtcApi } from "../api/webrtc";
import type { Clock } from "../rtc/clock";
import type { Devices } from "../rtc/devices";
import type { AudioElementLike } from "../rtc/remoteAudio";
import type { SocketLike } from "../rtc/signaling";

/** As much of the page as a call watches: `online`, `offline`, `pagehide`, and `visibilitychange` of the document. */
export type Page = {
  readonly window: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  readonly document: Pick<Document, "addEventListener" | "removeEventListener" | "visibilityState">;
  readonly isOnline: () => boolean;
};

export type CallServices = {
  readonly accounts: Accounts;
  readonly meetings: MeetingsApi;
  readonly lobby: LobbyApi;
  readonly moderation: ModerationApi;
  readonly captions: CaptionsApi;
  readonly transcripts: Pick<TranscriptsApi, "lines">;
  readonly webrtc: WebrtcApi;
  readonly devices: Devices;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Unique on this page and beyond, at most 64 characters. */
  readonly newId: () => string;
  /** What this page is called in signaling, for its whole life. */
  readonly peerId: string;
  readonly openSocket: (path: string) => SocketLike;
  readonly createConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly createAudio: () => AudioElementLike;
  readonly page: Page;
  /** Hears of the present peer connection, for measuring. */
  readonly onConnection: (connection: () => RTCPeerConnection | null) => void;
};
