/** Keeps asking how the waiting stands: by a socket while it holds, by REST in any case. */

import { ApiError } from "../api/http";
import type { KnockState } from "../api/lobby";
import { LobbySocket } from "../rtc/lobbySocket";
import type { LobbyState } from "../rtc/meetingMessages";
import type { CallServices } from "./callServices";
import { Value, type Readable } from "./readable";
import type { Waiting } from "./waiting";

/** Without a socket the answer comes this late at most; each look also brings the socket back. */
const LOOK_PERIOD_MS = 5000;
/** More than a host writes; the screen shows the latest. */
const MESSAGES_KEPT = 20;

export type WaitingOptions = {
  readonly services: CallServices;
  readonly meetingId: number;
  readonly userId: number;
  readonly onAdmitted: () => void;
};

export class WaitingModel {
  readonly #options: WaitingOptions;
  readonly #waiting = new Value<Waiting>({ state: "waiting", position: null, messages: [] });
  #socket: LobbySocket | null = null;
  #endLook: () => void = () => undefined;
  #isOver = false;

  constructor(options: WaitingOptions) {
    this.#options = options;
  }

  get waiting(): Readable<Waiting> {
    return this.#waiting;
  }

  start(): void {
    this.#openSocket();
    void this.#look();
  }

  /** Shows that the host said no, without asking. */
  startDenied(): void {
    this.#settle("denied");
  }

  /** Waits no longer; the host's list is told. */
  withdraw(): void {
    if (this.#isOver) return;
    this.close();
    this.#options.services.lobby.withdraw(this.#options.meetingId).catch((error: unknown) => {
      console.info("salon: the withdrawal did not arrive; the lobby forgets us by itself", error);
    });
  }

  close(): void {
    this.#isOver = true;
    this.#endLook();
    this.#socket?.close();
    this.#socket = null;
  }

  #openSocket(): void {
    const { services, meetingId, userId } = this.#options;
    this.#socket = new LobbySocket({
      meetingId,
      userId,
      peerId: services.peerId,
      openSocket: services.openSocket,
      onState: (state) => this.#take(state),
      onClosed: () => (this.#socket = null),
    });
  }

  #take({ state, position, message, by }: LobbyState): void {
    if (message !== "") {
      this.#waiting.update((waiting) => ({
        ...waiting,
        messages: [...waiting.messages, { by, text: message }].slice(-MESSAGES_KEPT),
      }));
    }
    this.#settle(state, position);
  }

  async #look(): Promise<void> {
    try {
      const { state, position } = await this.#options.services.lobby.knock(this.#options.meetingId);
      this.#settle(state, position);
    } catch (error) {
      // Nothing is known of our asking any more: withdrawn in another tab, or the meeting is over.
      if (error instanceof ApiError && error.status === 404) this.#settle("closed");
      else console.info("salon: no news from the lobby", error);
    }
    if (this.#isOver) return;
    this.#endLook = this.#options.services.clock.after(LOOK_PERIOD_MS, () => {
      if (this.#socket === null) this.#openSocket();
      void this.#look();
    });
  }

  #settle(state: KnockState, position: number | null = null): void {
    if (this.#isOver) return;
    switch (state) {
      case "waiting":
        if (position !== null && position !== this.#waiting.value.position) {
          this.#waiting.update((waiting) => ({ ...waiting, position }));
        }
        return;
      case "admitted":
      case "not_needed":
        this.close();
        this.#options.onAdmitted();
        return;
      default:
        this.close();
        this.#waiting.update((waiting) => ({ ...waiting, state, position: null }));
    }
  }
}
