/** Opens an invite link, for people with and without an account. */

import type { InvitesApi } from "../api/invites";
import type { Invitation, InvitationState } from "./invitation";
import { problemOf, type Outcome } from "./problem";
import { Value, type Readable } from "./readable";

export class InvitationModel implements Invitation {
  readonly #api: InvitesApi;
  readonly #token: string;
  readonly #beGuest: (token: string) => Promise<void>;
  readonly #state = new Value<InvitationState>({ state: "loading" });

  /** `beGuest` signs in with a guest's token. */
  constructor(api: InvitesApi, token: string, beGuest: (token: string) => Promise<void>) {
    this.#api = api;
    this.#token = token;
    this.#beGuest = beGuest;
  }

  get state(): Readable<InvitationState> {
    return this.#state;
  }

  load(): void {
    this.#api.preview(this.#token).then(
      (preview) => this.#state.set({ state: "ready", ...preview }),
      (error: unknown) => this.#state.set({ state: "failed", problem: problemOf(error) }),
    );
  }

  accept(): Promise<Outcome<number>> {
    return outcome(() => this.#api.accept(this.#token));
  }

  enterAsGuest(nickname: string): Promise<Outcome<number>> {
    return outcome(async () => {
      const { token, meetingId } = await this.#api.enterAsGuest(this.#token, nickname);
      await this.#beGuest(token);
      return meetingId;
    });
  }
}

async function outcome(request: () => Promise<number>): Promise<Outcome<number>> {
  try {
    return { ok: true, value: await request() };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}
