/**
 * One page's place in a room's signaling: a WebSocket that comes back by itself.
 *
 * A reconnect uses the same peer id, so that the server puts the new socket in the place of the old one and keeps
 * the media.
 */

import { every, type Clock } from "./clock";
import { encodeMessage, MessageType, parseServerMessage, type RoomInfo, type ServerMessage } from "./messages";
import { waitBeforeTry_ms } from "./reconnectPolicy";

/** Until the socket is open and ROOM_INFO has answered our JOIN. */
const ENTRY_DEADLINE_MS = 8000;
/** A socket that says nothing for this long is asked... */
const PING_PERIOD_MS = 5000;
/** ...and given up when it stays silent. A browser may not notice a dead network for minutes. */
const SILENCE_LIMIT_MS = 12_000;

/** Close codes by which the server says that coming back is not wanted. */
const FINAL_CODES = new Map<number, EndCause>([
  [4001, "replaced"],
  [4003, "removed"],
  [4004, "ended"],
]);

/** The reason beside 4003 when it was not the meeting that shut the person out, but the server. */
const DISABLED_REASON = "Your account was disabled";

export type EndCause = "replaced" | "removed" | "ended" | "disabled";

/** As much of a WebSocket as signaling needs. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** What we can be told; a server leaves out what it does not know. */
const CAPABILITIES = ["media_push", "lobby", "moderation", "meeting_state", "recording", "captions", "voices"];

const OPEN = 1; // WebSocket.OPEN

/** What signaling tells its owner. */
export interface SignalingListener {
  /** The room took us in (again). Announce the media state now: the server keeps none over a reconnect. */
  onEntered(room: RoomInfo): void;
  onMessage(message: ServerMessage): void;
  /** The socket is lost; it is being tried again. */
  onLost(): void;
  /** The server wants this session no more: it will not be tried again. */
  onEnded(cause: EndCause): void;
}

export type SignalingOptions = {
  readonly meetingId: number;
  readonly userId: number;
  readonly peerId: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly openSocket: (path: string) => SocketLike;
  /** Runs before each further try, as the membership may have lapsed meanwhile. False: not now, try again later. */
  readonly readmit: () => Promise<boolean>;
  readonly listener: SignalingListener;
};

/** The signaling session of one call. */
export class Signaling {
  readonly #options: SignalingOptions;
  #socket: SocketLike | null = null;
  #hasEntered = false;
  #isClosed = false;
  #failures = 0;
  #serial = 0;
  #heardAt_ms = 0;
  /** Ends what belongs to the present try: its deadline, its heartbeat or the wait for the next. */
  #endTry: () => void = () => undefined;

  constructor(options: SignalingOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#hasEntered;
  }

  start(): void {
    this.#connect();
  }

  /** Tries at once instead of waiting; does nothing while the socket is well. */
  hurry(): void {
    if (this.#isClosed || this.#socket !== null) return;
    this.#endTry();
    this.#again();
  }

  /** Asks the server now whether it is there, as after the page slept. */
  probe(): void {
    if (this.#hasEntered) this.#beat();
    else this.hurry();
  }

  /** Sends a message. False: there is no session now, the message is not sent. */
  send(type: number, payload: unknown, id = this.#nextId()): boolean {
    if (!this.#hasEntered || this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(encodeMessage(type, id, this.#options.peerId, payload));
    return true;
  }

  /** Says LEAVE and ends for good. */
  close(): void {
    if (this.#isClosed) return;
    this.send(MessageType.LEAVE, this.#identity());
    this.#isClosed = true;
    this.#drop();
  }

  #connect(): void {
    const { meetingId, userId, peerId, clock } = this.#options;
    // The cookie of the sign-in authenticates the handshake: a token in the address would end up in logs.
    const query = new URLSearchParams({ user_id: String(userId), meeting_id: String(meetingId), peer_id: peerId });
    const socket = this.#options.openSocket(`/ws/signaling?${query}`);
    this.#socket = socket;
    this.#endTry = clock.after(ENTRY_DEADLINE_MS, () => this.#lose());
    socket.onopen = () => {
      const payload = { ...this.#identity(), capabilities: CAPABILITIES };
      socket.send(encodeMessage(MessageType.JOIN, this.#nextId(), peerId, payload));
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.#hear(data);
    };
    socket.onclose = ({ code, reason }) => {
      const cause = reason === DISABLED_REASON ? "disabled" : FINAL_CODES.get(code);
      if (cause === undefined) this.#lose();
      else this.#end(cause);
    };
  }

  #hear(text: string): void {
    this.#heardAt_ms = this.#options.clock.now_ms();
    let message: ServerMessage;
    try {
      message = parseServerMessage(text);
    } catch (fault) {
      console.warn("salon: a signaling message was not understood and is ignored", fault);
      return;
    }
    if (message.kind === "roomInfo" && !this.#hasEntered) {
      this.#enter(message.room);
    }
    this.#options.listener.onMessage(message);
  }

  #enter(room: RoomInfo): void {
    this.#hasEntered = true;
    this.#failures = 0;
    this.#endTry();
    this.#endTry = every(this.#options.clock, PING_PERIOD_MS, () => this.#beat());
    this.#options.listener.onEntered(room);
  }

  #beat(): void {
    if (this.#options.clock.now_ms() - this.#heardAt_ms > SILENCE_LIMIT_MS) this.#lose();
    else this.send(MessageType.PING, null);
  }

  #lose(): void {
    if (this.#isClosed) return;
    const hadEntered = this.#hasEntered;
    this.#drop();
    this.#wait();
    if (hadEntered) this.#options.listener.onLost();
  }

  #wait(): void {
    this.#failures += 1;
    const wait_ms = waitBeforeTry_ms(this.#failures, this.#options.random());
    this.#endTry = this.#options.clock.after(wait_ms, () => this.#again());
  }

  #again(): void {
    let isCurrent = true;
    this.#endTry = () => (isCurrent = false);
    void this.#options.readmit().then(
      (isWelcome) => {
        if (!isCurrent || this.#isClosed) return;
        if (isWelcome) this.#connect();
        else this.#wait();
      },
      (fault: unknown) => {
        console.warn("salon: returning to the room failed", fault);
        if (isCurrent && !this.#isClosed) this.#wait();
      },
    );
  }

  #end(cause: EndCause): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#drop();
    this.#options.listener.onEnded(cause);
  }

  #drop(): void {
    this.#endTry();
    this.#endTry = () => undefined;
    this.#hasEntered = false;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  #identity(): Record<string, unknown> {
    const { meetingId, userId, peerId } = this.#options;
    return { meeting_id: meetingId, user_id: userId, peer_id: peerId };
  }

  #nextId(): string {
    this.#serial += 1;
    return `${this.#options.peerId}-${Date.now().toString(36)}-${this.#serial}`;
  }
}
