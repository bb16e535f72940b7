/** The socket of somebody who waits to be let in: it hears of the waiting and of nothing else. */

import type { LobbyState } from "./meetingMessages";
import { parseServerMessage } from "./messages";
import type { SocketLike } from "./signaling";

export type LobbySocketOptions = {
  readonly meetingId: number;
  readonly userId: number;
  readonly peerId: string;
  readonly openSocket: (path: string) => SocketLike;
  readonly onState: (state: LobbyState) => void;
  /** It ended, whether or not it brought an answer. It does not come back by itself. */
  readonly onClosed: () => void;
};

export class LobbySocket {
  readonly #socket: SocketLike;

  constructor(options: LobbySocketOptions) {
    const { meetingId, userId, peerId, openSocket, onState, onClosed } = options;
    const query = new URLSearchParams({ user_id: String(userId), meeting_id: String(meetingId), peer_id: peerId });
    this.#socket = openSocket(`/ws/signaling?${query}`);
    this.#socket.onmessage = ({ data }) => {
      const state = typeof data === "string" ? read(data) : null;
      if (state !== null) onState(state);
    };
    this.#socket.onclose = onClosed;
  }

  close(): void {
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close(1000);
  }
}

function read(text: string): LobbyState | null {
  try {
    const message = parseServerMessage(text);
    return message.kind === "lobbyState" ? message : null;
  } catch (fault) {
    console.warn("salon: a message of the lobby was not understood and is ignored", fault);
    return null;
  }
}
