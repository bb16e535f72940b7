/** Signing in, up and out, and staying signed in. */

import { tokenExpiry, type AccessToken } from "../api/accessToken";
import type { Accounts, Profile } from "../api/accounts";
import { ApiError } from "../api/http";
import { every, type Clock } from "../rtc/clock";
import type { Account, Person, Registration } from "./account";
import { problemOf, type Problem, type ProblemKind } from "./problem";
import { Value, type Readable } from "./readable";

const REFRESH_CHECK_MS = 10 * 60_000;
/** The server makes a new token only in the last hour of the old one. */
const REFRESH_BEFORE_MS = 55 * 60_000;
const CHECK_AGAIN_MS = 2000;

/** The {@link Account} of this device. */
export class AccountModel {
  readonly #accounts: Accounts;
  readonly #token: AccessToken;
  readonly #clock: Clock;
  readonly #account = new Value<Account>({ state: "checking" });

  constructor(accounts: Accounts, token: AccessToken, clock: Clock) {
    this.#accounts = accounts;
    this.#token = token;
    this.#clock = clock;
    token.whenRefused(() => this.#beSignedOut({ kind: "signedOut", detail: "" }));
  }

  get account(): Readable<Account> {
    return this.#account;
  }

  get person(): Person | null {
    const account = this.#account.value;
    return account.state === "signedIn" ? account.person : null;
  }

  /** Finds out who is signed in, and keeps the token fresh from now on. */
  start(): void {
    every(this.#clock, REFRESH_CHECK_MS, () => void this.#refresh());
    void this.check();
  }

  /** Finds out again who is signed in, as when another tab signed in or out. */
  async check(): Promise<void> {
    const { token } = this.#token;
    if (token === null) {
      if (this.#account.value.state !== "signedOut") this.#beSignedOut(null);
      return;
    }
    try {
      this.#beSignedIn(await this.#accounts.profile());
      await this.#refresh();
    } catch (error) {
      if (this.#token.token === null) return; // Refused: the listener has dealt with it.
      // The server is away or ill: a valid token is no reason to ask for a password.
      if (error instanceof ApiError && error.isPassing) this.#clock.after(CHECK_AGAIN_MS, () => void this.check());
      else this.#beSignedOut(problemOf(error));
    }
  }

  /** Is from now on whoever this token names, as a guest who was let in by a link. */
  async enter(token: string): Promise<void> {
    this.#token.set(token);
    await this.check();
  }

  async #signIn(username: string, password: string): Promise<void> {
    this.#beBusy();
    try {
      const { profile, token } = await this.#accounts.login(username, password);
      this.#token.set(token);
      this.#beSignedIn(profile);
    } catch (error) {
      this.#beSignedOut(problemOf(error, loginProblem));
    }
  }

  async #signUp(registration: Registration): Promise<void> {
    this.#beBusy();
    try {
      await this.#accounts.register(registration);
    } catch (error) {
      this.#beSignedOut(problemOf(error, registerProblem));
      return;
    }
    await this.#signIn(registration.username, registration.password);
  }

  async #signOut(): Promise<void> {
    const farewell = this.#accounts.logout();
    this.#token.set(null);
    this.#beSignedOut(null);
    try {
      await farewell;
    } catch (error) {
      console.warn("salon: the server was not told of the sign-out", error);
    }
  }

  async #refresh(): Promise<void> {
    const token = this.#token.token;
    const expiry = token === null ? null : tokenExpiry(token);
    if (token === null || expiry === null || expiry.getTime() - Date.now() > REFRESH_BEFORE_MS) return;
    try {
      const fresh = await this.#accounts.refresh(token);
      if (this.#token.token === token) this.#token.set(fresh);
    } catch (error) {
      console.warn("salon: the sign-in could not be prolonged yet", error);
    }
  }

  #beSignedIn(profile: Profile): void {
    const person: Person = {
      id: profile.id,
      username: profile.username,
      name: profile.nickname === "" ? profile.username : profile.nickname,
      email: profile.email,
      avatarUrl: profile.avatar === "" ? null : profile.avatar,
      isGuest: profile.isGuest,
      rank: profile.role,
    };
    this.#account.set({ state: "signedIn", person, signOut: () => void this.#signOut() });
  }

  #beSignedOut(problem: Problem | null, isBusy = false): void {
    this.#account.set({
      state: "signedOut",
      isBusy,
      problem,
      signIn: (username, password) => void this.#signIn(username, password),
      signUp: (registration) => void this.#signUp(registration),
      clearProblem: () => {
        const account = this.#account.value;
        if (account.state === "signedOut") this.#account.set({ ...account, problem: null });
      },
    });
  }

  #beBusy(): void {
    this.#beSignedOut(null, true);
  }
}

function loginProblem(error: ApiError): ProblemKind | null {
  return error.status === 400 || error.status === 401 ? "badLogin" : null;
}

function registerProblem(error: ApiError): ProblemKind | null {
  return /exists/i.test(error.message) ? "taken" : null;
}
