/**
 * One peer connection to the SFU, from our first offer until it fails or is closed.
 *
 * After the first offer only the SFU offers, except for an ICE restart. Descriptions are applied strictly one after
 * the other; what goes wrong beyond repair is told once, and the owner builds a new one.
 */

import { isPeerGone, isStale, type MediaOffer, type WebrtcApi } from "../api/webrtc";
import { ApiError } from "../api/http";
import type { Clock } from "./clock";
import { Senders, type Outgoing } from "./senders";

/** From our offer to working media, and from an ICE restart to media again. */
const CONNECT_DEADLINE_MS = 12_000;
const RESTART_DEADLINE_MS = 8000;
/** Short gaps heal by themselves; ICE itself notices a lost path only after some seconds. */
const PATIENCE_MS = 3000;
const ANSWER_AGAIN_MS = 800;

export type RemoteTrack = {
  /** The publisher's signaling peer id. */
  readonly streamId: string;
  readonly kind: "audio" | "video";
  readonly track: MediaStreamTrack;
  readonly receiver: RTCRtpReceiver;
};

export interface MediaPeerListener {
  onConnected(): void;
  /** Media stopped; the peer tries to repair itself. */
  onInterrupted(): void;
  onTracks(tracks: readonly RemoteTrack[]): void;
  /** Beyond repair. Comes at most once, after it nothing else. */
  onFailed(reason: unknown): void;
}

export type MediaPeerOptions = {
  readonly api: WebrtcApi;
  readonly roomId: string;
  readonly userId: number;
  readonly clock: Clock;
  readonly connection: RTCPeerConnection;
  /** The live signaling session, null while there is none. */
  readonly sessionId: () => string | null;
  readonly listener: MediaPeerListener;
};

type IncomingOffer = MediaOffer & { readonly peerId: string };

export class MediaPeer {
  readonly #options: MediaPeerOptions;
  readonly #senders: Senders;
  readonly #streamIds = new Map<RTCRtpTransceiver, string>();
  #work: Promise<void> = Promise.resolve();
  #peerId: string | null = null;
  #waiting: IncomingOffer | null = null;
  #lastNeg = -1;
  #lastSdp = "";
  #isClosed = false;
  #isRestarting = false;
  #cancelDeadline: () => void = () => undefined;

  constructor(options: MediaPeerOptions) {
    this.#options = options;
    const { connection } = options;
    this.#senders = new Senders(connection);
    connection.ontrack = ({ transceiver, streams }) => {
      const streamId = streams[0]?.id;
      if (streamId !== undefined) this.#streamIds.set(transceiver, streamId);
    };
    connection.onconnectionstatechange = () => this.#onConnectionState();
  }

  get connection(): RTCPeerConnection {
    return this.#options.connection;
  }

  get isConnected(): boolean {
    return this.connection.connectionState === "connected";
  }

  /** Makes the first offer. */
  start(outgoing: Outgoing): void {
    this.#deadline(CONNECT_DEADLINE_MS, "no media in time");
    this.#run(async () => {
      await this.#senders.set(outgoing);
      await this.#offer();
      await this.#senders.tuneEncoding();
    });
  }

  send(outgoing: Outgoing): void {
    this.#run(() => this.#senders.set(outgoing));
  }

  /** Takes an offer of the SFU; offers of another peer and those already answered are left aside. */
  takeOffer(offer: IncomingOffer): void {
    this.#waiting = offer;
    this.#run(() => this.#answerWaiting());
  }

  /** The SFU says that this peer is gone. */
  takeGone(peerId: string): void {
    if (peerId === this.#peerId) this.#fail("the SFU let the peer go");
  }

  /** Fetches an offer that a push may have failed to bring. Errors that pass are left to the next poll. */
  poll(): void {
    this.#run(async () => {
      const peerId = this.#peerId;
      if (peerId === null || this.#options.sessionId() === null) return;
      try {
        const offer = await this.#options.api.pendingOffer(peerId);
        if (offer !== null) this.takeOffer({ ...offer, peerId });
      } catch (error) {
        if (isPeerGone(error)) throw error;
      }
    });
  }

  /** Looks for a new network path unless one is being looked for; the media goes on meanwhile if it can. */
  restartIce(): void {
    if (this.#isRestarting || this.#peerId === null || this.#options.sessionId() === null) return;
    this.#isRestarting = true;
    this.#deadline(RESTART_DEADLINE_MS, "no path to the SFU");
    this.#run(async () => {
      this.connection.restartIce();
      await this.#offer();
      this.#isRestarting = false;
      if (this.isConnected) this.#cancelDeadline();
      this.poll(); // Our offer has voided one of the SFU's, if it had one out.
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelDeadline();
    this.connection.ontrack = this.connection.onconnectionstatechange = null;
    this.connection.close();
  }

  async #offer(): Promise<void> {
    const { api, roomId, userId, sessionId } = this.#options;
    const session = sessionId();
    if (session === null) throw new Error("no signaling session");
    this.#waiting = null; // Whatever the SFU had out is void now.
    await this.connection.setLocalDescription();
    // Sent without candidates of ours: the SFU is ICE-lite, it answers checks and makes none.
    const sdp = this.connection.localDescription?.sdp ?? "";
    const answer = await api.offer({ roomId, userId, sessionId: session, sdp, peerId: this.#peerId });
    if (this.#isClosed) return;
    this.#peerId = answer.peerId;
    await this.connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    this.#tellTracks();
  }

  async #answerWaiting(): Promise<void> {
    const offer = this.#waiting;
    this.#waiting = null;
    if (offer?.peerId !== this.#peerId || this.#isAnswered(offer)) return;
    await this.connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    await this.connection.setLocalDescription();
    const sdp = this.connection.localDescription?.sdp ?? "";
    // The answer goes out before anybody is told, so that the SFU starts sending as early as it can.
    const sent = this.#sendAnswer(offer.peerId, sdp, offer.neg);
    this.#tellTracks();
    if (!(await sent)) return;
    this.#lastNeg = offer.neg ?? this.#lastNeg;
    this.#lastSdp = offer.sdp;
  }

  #isAnswered(offer: MediaOffer): boolean {
    return offer.neg === null ? offer.sdp === this.#lastSdp : offer.neg <= this.#lastNeg;
  }

  /** False: the answer did not arrive, and the SFU still waits for it. */
  async #sendAnswer(peerId: string, sdp: string, neg: number | null): Promise<boolean> {
    try {
      await this.#options.api.answer(peerId, sdp, neg);
      return true;
    } catch (error) {
      if (isStale(error)) return true; // A newer offer is on its way.
      const mayWorkLater = error instanceof ApiError && (error.isPassing || error.status === 403);
      if (!mayWorkLater) throw error;
      // The SFU repeats an offer until it is answered; applying it once more does no harm.
      this.#options.clock.after(ANSWER_AGAIN_MS, () => this.poll());
      return false;
    }
  }

  /** Every transceiver that receives now, under the stream id its last offer gave it. */
  #tellTracks(): void {
    if (this.#isClosed) return;
    const tracks: RemoteTrack[] = [];
    for (const transceiver of this.connection.getTransceivers()) {
      const streamId = this.#streamIds.get(transceiver);
      const { receiver, currentDirection, direction } = transceiver;
      const receives = (currentDirection ?? direction).includes("recv");
      if (streamId === undefined || !receives || receiver.track.readyState === "ended") continue;
      const kind = receiver.track.kind === "audio" ? "audio" : "video";
      tracks.push({ streamId, kind, track: receiver.track, receiver });
    }
    this.#options.listener.onTracks(tracks);
  }

  #onConnectionState(): void {
    const { listener } = this.#options;
    switch (this.connection.connectionState) {
      case "connected":
        this.#cancelDeadline();
        listener.onConnected();
        break;
      case "disconnected":
        listener.onInterrupted();
        this.#cancelDeadline();
        this.#cancelDeadline = this.#options.clock.after(PATIENCE_MS, () => this.#repair());
        break;
      case "failed":
        listener.onInterrupted();
        this.#repair();
        break;
      default:
        break;
    }
  }

  #repair(): void {
    // Without a signaling session the SFU takes no offer; the owner calls again when there is one.
    this.#deadline(RESTART_DEADLINE_MS, "no path to the SFU");
    this.restartIce();
  }

  #deadline(after_ms: number, reason: string): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#options.clock.after(after_ms, () => this.#fail(reason));
  }

  /** Runs `task` after all earlier ones. */
  #run(task: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isClosed) return;
      try {
        await task();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #fail(reason: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.listener.onFailed(reason);
  }
}
