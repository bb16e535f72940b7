/** A WebSocket whose other end is the test. */

import type { SocketLike } from "../rtc/signaling";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

export class FakeSocket implements SocketLike {
  readonly path: string;
  readonly sent: Record<string, unknown>[] = [];
  readyState = CONNECTING;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;

  constructor(path: string) {
    this.path = path;
  }

  send(text: string): void {
    if (this.readyState !== OPEN) throw new DOMException("not open", "InvalidStateError");
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = CLOSED;
  }

  /** The types of all messages sent so far. */
  get types(): unknown[] {
    return this.sent.map(({ type }) => type);
  }

  accept(): void {
    this.readyState = OPEN;
    this.onopen?.(new Event("open"));
  }

  receive(message: Record<string, unknown>): void {
    this.onmessage?.(new MessageEvent("message", { data: JSON.stringify(message) }));
  }

  receiveText(text: string): void {
    this.onmessage?.(new MessageEvent("message", { data: text }));
  }

  break(code = 1006, reason = ""): void {
    this.readyState = CLOSED;
    this.onclose?.({ code, reason } as CloseEvent);
  }
}

/** A ROOM_INFO as the server sends it. */
export function roomInfo(participants: readonly Record<string, unknown>[] = []): Record<string, unknown> {
  return {
    id: "room_info_1",
    type: 14,
    from_user_id: 0,
    meeting_id: 7,
    session_id: "session-1",
    payload: {
      meeting_id: 7,
      participant_count: participants.length + 1,
      session_id: "session-1",
      peer_id: "web_me",
      ice_servers: [{ urls: "stun:127.0.0.1:8801" }],
      participants,
      ai_live: { enabled: false, updated_at: "2026-01-01T00:00:00Z" },
    },
    timestamp: "2026-01-01T00:00:00Z",
  };
}
