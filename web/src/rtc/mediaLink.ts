/** Keeps this page's media flowing: builds a peer connection, and a new one whenever the old one is beyond repair. */

import type { WebrtcApi } from "../api/webrtc";
import { every, type Clock } from "./clock";
import { MediaPeer, type RemoteTrack } from "./mediaPeer";
import { waitBeforeTry_ms } from "./reconnectPolicy";
import { NOTHING, type Outgoing } from "./senders";

/** Offers are pushed; polling only covers a push that got lost, so it may be slow. */
const POLL_PERIOD_MS = 2000;

export type LinkState = "idle" | "connecting" | "connected" | "interrupted";

export interface MediaLinkListener {
  onState(state: LinkState): void;
  /** All remote tracks there are now. */
  onTracks(tracks: readonly RemoteTrack[]): void;
}

export type MediaLinkOptions = {
  readonly api: WebrtcApi;
  readonly roomId: string;
  readonly userId: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly createConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly listener: MediaLinkListener;
};

export class MediaLink {
  readonly #options: MediaLinkOptions;
  #peer: MediaPeer | null = null;
  #sessionId: string | null = null;
  #iceServers: readonly RTCIceServer[] = [];
  #outgoing: Outgoing = NOTHING;
  #failures = 0;
  #isClosed = false;
  #isMissing = false;
  #cancelWait: () => void = () => undefined;
  readonly #endPolling: () => void;

  constructor(options: MediaLinkOptions) {
    this.#options = options;
    this.#endPolling = every(options.clock, POLL_PERIOD_MS, () => {
      if (this.#isMissing) this.#peer?.poll();
    });
  }

  /** The present peer connection; for measuring. */
  get connection(): RTCPeerConnection | null {
    return this.#peer?.connection ?? null;
  }

  /** Signaling has a session (again): build what is not there, check what is. */
  enter(sessionId: string, iceServers: readonly RTCIceServer[]): void {
    this.#sessionId = sessionId;
    this.#iceServers = iceServers;
    if (this.#peer === null) {
      this.#cancelWait();
      this.#build();
      return;
    }
    this.#peer.poll(); // Pushes of the time in between are lost.
    if (!this.#peer.isConnected) this.#peer.restartIce();
  }

  signalingLost(): void {
    this.#sessionId = null;
  }

  send(outgoing: Outgoing): void {
    this.#outgoing = outgoing;
    this.#peer?.send(outgoing);
  }

  takeOffer(peerId: string, neg: number, sdp: string): void {
    this.#peer?.takeOffer({ peerId, neg, sdp });
  }

  takeGone(peerId: string): void {
    this.#peer?.takeGone(peerId);
  }

  /** Somebody's media is announced in the room but has not come: fetch offers until it does. */
  setMissing(isMissing: boolean): void {
    this.#isMissing = isMissing;
  }

  /** Tries at once what is being waited for, as when the network has come back. */
  hurry(): void {
    if (this.#peer === null) {
      this.#cancelWait();
      this.#build();
    } else if (!this.#peer.isConnected) {
      this.#peer.restartIce();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#endPolling();
    this.#cancelWait();
    this.#peer?.close();
    this.#peer = null;
  }

  #build(): void {
    if (this.#isClosed || this.#sessionId === null) return; // enter() builds when there is a session.
    const { api, roomId, userId, clock, createConnection, listener } = this.#options;
    const connection = createConnection({ iceServers: [...this.#iceServers], bundlePolicy: "max-bundle" });
    const peer = new MediaPeer({
      api,
      roomId,
      userId,
      clock,
      connection,
      sessionId: () => this.#sessionId,
      listener: {
        onConnected: () => {
          this.#failures = 0;
          listener.onState("connected");
        },
        onInterrupted: () => listener.onState("interrupted"),
        onTracks: (tracks) => listener.onTracks(tracks),
        onFailed: (reason) => this.#rebuild(reason),
      },
    });
    this.#peer = peer;
    listener.onState(this.#failures === 0 ? "connecting" : "interrupted");
    peer.start(this.#outgoing);
  }

  #rebuild(reason: unknown): void {
    console.info("salon: the media connection is built anew", reason);
    this.#peer = null;
    this.#failures += 1;
    this.#options.listener.onState("interrupted");
    this.#options.listener.onTracks([]);
    const wait_ms = waitBeforeTry_ms(this.#failures, this.#options.random());
    this.#cancelWait = this.#options.clock.after(wait_ms, () => this.#build());
  }
}
