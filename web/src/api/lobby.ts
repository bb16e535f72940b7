/** The lobby of a meeting, for both sides of its door. */

import { ownPicture } from "./accounts";
import { understood, type Http } from "./http";
import { Fields, objects } from "./parse";

export type KnockState = "waiting" | "admitted" | "denied" | "closed" | "not_needed";

export type Knock = {
  readonly state: KnockState;
  /** 1 is the longest waiting; 0 if not waiting. */
  readonly position: number;
};

/** Somebody who waits to be let in. */
export type WaitingPerson = {
  readonly userId: number;
  readonly name: string;
  readonly avatarUrl: string | null;
  readonly isGuest: boolean;
};

const STATES: readonly string[] = ["waiting", "admitted", "denied", "closed", "not_needed"];

/** Calls of the lobby. Every method throws `ApiError`. */
export class LobbyApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** How our own asking stands. */
  async knock(meetingId: number): Promise<Knock> {
    const data = await this.#http.data(`${base(meetingId)}/knock`);
    return understood(() => {
      const fields = new Fields(data);
      return { state: knockState(fields.text("state")), position: fields.numberOr("position", 0) };
    });
  }

  async withdraw(meetingId: number): Promise<void> {
    await this.#http.data(`${base(meetingId)}/knock`, { method: "DELETE", keepalive: true });
  }

  async waiting(meetingId: number): Promise<WaitingPerson[]> {
    const data = await this.#http.data(`${base(meetingId)}/lobby`);
    return understood(() => objects(data).map(parseWaitingPerson));
  }

  /** Lets these people in; all who wait for null. */
  async admit(meetingId: number, userIds: readonly number[] | null): Promise<void> {
    const body = userIds === null ? {} : { user_ids: userIds };
    await this.#http.data(`${base(meetingId)}/lobby/admit`, { method: "POST", body });
  }

  async deny(meetingId: number, userIds: readonly number[]): Promise<void> {
    await this.#http.data(`${base(meetingId)}/lobby/deny`, { method: "POST", body: { user_ids: userIds } });
  }

  /** Writes to everybody who waits. */
  async write(meetingId: number, content: string): Promise<void> {
    await this.#http.data(`${base(meetingId)}/lobby/message`, { method: "POST", body: { content } });
  }
}

/** A state of waiting this client knows; anything else counts as waiting on. */
export function knockState(text: string): KnockState {
  return STATES.includes(text) ? (text as KnockState) : "waiting";
}

/** One entry of the waiting list, the same over REST and signaling. */
export function parseWaitingPerson(fields: Fields): WaitingPerson {
  const nickname = fields.textOr("nickname", "");
  return {
    userId: fields.number("user_id"),
    name: nickname === "" ? fields.textOr("username", "") : nickname,
    avatarUrl: ownPicture(fields.textOr("avatar_url", "")),
    isGuest: fields.flag("is_guest"),
  };
}

function base(meetingId: number): string {
  return `/api/v1/meetings/${meetingId}`;
}
