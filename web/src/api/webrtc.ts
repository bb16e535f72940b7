/** The media service's `/webrtc` calls: one media peer of this page. */

import { ApiError, understood, type Http } from "./http";
import { Fields } from "./parse";

/** The contract gives the polls and the room's leave this long. */
const QUICK_MS = 2500;

export type MediaAnswer = { readonly peerId: string; readonly sdp: string };

/** An offer of the SFU; `neg` numbers it where the server says so. */
export type MediaOffer = { readonly sdp: string; readonly neg: number | null };

export type PublishRequest = {
  readonly roomId: string;
  readonly userId: number;
  /** Binds the media peer to exactly this signaling session. */
  readonly sessionId: string;
  readonly sdp: string;
  /** Renegotiate this peer instead of making a new one. */
  readonly peerId: string | null;
};

/** Calls of the media plane. Every method throws `ApiError`. */
export class WebrtcApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Sends our offer, gets the SFU's answer. */
  async offer(request: PublishRequest): Promise<MediaAnswer> {
    const body = await this.#http.raw("/api/v1/webrtc/answer", {
      method: "POST",
      body: {
        room_id: request.roomId,
        user_id: String(request.userId),
        session_id: request.sessionId,
        offer: { type: "offer", sdp: request.sdp },
        ...(request.peerId === null ? {} : { peer_id: request.peerId }),
      },
    });
    return understood(() => {
      const fields = new Fields(body);
      return { peerId: fields.text("peer_id"), sdp: fields.object("answer").text("sdp") };
    });
  }

  /** Answers an offer of the SFU. */
  async answer(peerId: string, sdp: string, neg: number | null): Promise<void> {
    await this.#http.raw(`/api/v1/webrtc/peer/${encodeURIComponent(peerId)}/answer`, {
      method: "POST",
      body: { answer: { type: "answer", sdp }, ...(neg === null ? {} : { neg }) },
    });
  }

  /** The offer that waits for an answer, if any. */
  async pendingOffer(peerId: string): Promise<MediaOffer | null> {
    const body = await this.#http.raw(`/api/v1/webrtc/peer/${encodeURIComponent(peerId)}/offer`, { deadline_ms: QUICK_MS });
    if (body === null) return null;
    return understood(() => {
      const fields = new Fields(body);
      return { sdp: fields.object("offer").text("sdp"), neg: fields.has("neg") ? fields.number("neg") : null };
    });
  }

  /** Drops all media of this user in the room; outlives the page. */
  async leaveRoom(roomId: string, userId: number): Promise<void> {
    await this.#http.raw(`/api/v1/webrtc/room/${encodeURIComponent(roomId)}/leave`, {
      method: "POST",
      body: { user_id: String(userId) },
      deadline_ms: QUICK_MS,
      keepalive: true,
    });
  }
}

/** The SFU no longer knows the media peer: the connection must be built anew. */
export function isPeerGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** The SFU no longer waits for this answer; a newer offer follows. */
export function isStale(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
