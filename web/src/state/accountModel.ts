/** Signing in, up and out, and staying signed in. */

import { tokenExpiry, type AccessToken } from "../api/accessToken";
import type { Accounts, Profile, Proof } from "../api/accounts";
import type { EntryApi, Provider } from "../api/entry";
import { ApiError } from "../api/http";
import { every, type Clock } from "../rtc/clock";
import type { Account, Person, Registration, SecondFactor } from "./account";
import { outcomeOf, problemOf, type Outcome, type Problem, type ProblemKind } from "./problem";
import { Value, type Readable } from "./readable";

const REFRESH_CHECK_MS = 10 * 60_000;
/** The server makes a new token only in the last hour of the old one. */
const REFRESH_BEFORE_MS = 55 * 60_000;
const CHECK_AGAIN_MS = 2000;

/** The {@link Account} of this device. */
export class AccountModel {
  readonly #accounts: Accounts;
  readonly #entry: EntryApi;
  readonly #token: AccessToken;
  readonly #clock: Clock;
  readonly #account = new Value<Account>({ state: "checking" });
  /** null until asked for. */
  #providers: readonly Provider[] | null = null;

  constructor(accounts: Accounts, entry: EntryApi, token: AccessToken, clock: Clock) {
    this.#accounts = accounts;
    this.#entry = entry;
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

  /** Takes the sign-in that a provider's page left behind in this browser. */
  resume(): Promise<Outcome<null>> {
    return outcomeOf(async () => {
      await this.enter(await this.#entry.session());
      return null;
    });
  }

  /** Goes on with the sign-in that a new password brought; the token before is void. */
  async renew(): Promise<void> {
    this.#token.set(await this.#entry.session());
  }

  /** Shows what was changed of the profile. */
  take(profile: Profile): void {
    if (this.person?.id === profile.id) this.#beSignedIn(profile);
  }

  /** Is nobody from now on: the server has ended the sign-in already. */
  forget(): void {
    this.#token.set(null);
    this.#beSignedOut(null);
  }

  async #signIn(username: string, password: string, proof: Proof | null = null): Promise<void> {
    const step: SecondFactor = {
      answer: (given) => void this.#signIn(username, password, given),
      cancel: () => this.#beSignedOut(null),
    };
    this.#beSignedOut(null, { isBusy: true, secondFactor: proof === null ? null : step });
    try {
      const { profile, token } = await this.#accounts.login(username, password, proof);
      this.#token.set(token);
      this.#beSignedIn(profile);
    } catch (error) {
      const problem = problemOf(error, loginProblem);
      if (problem.kind === "codeNeeded") this.#beSignedOut(null, { secondFactor: step });
      else if (proof !== null && problem.kind !== "badLogin") this.#beSignedOut(problem, { secondFactor: step });
      else this.#beSignedOut(problem);
    }
  }

  async #signUp(registration: Registration): Promise<void> {
    this.#beSignedOut(null, { isBusy: true });
    try {
      await this.#accounts.register(registration);
    } catch (error) {
      this.#beSignedOut(problemOf(error, registerProblem));
      return;
    }
    await this.#signIn(registration.username, registration.password);
  }

  async #signOut(): Promise<void> {
    const farewell = this.#accounts.logout(false);
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
      avatarUrl: profile.avatarUrl,
      isGuest: profile.isGuest,
      rank: profile.role,
    };
    this.#account.set({ state: "signedIn", person, signOut: () => void this.#signOut() });
  }

  #beSignedOut(problem: Problem | null, { isBusy = false, secondFactor = null }: Partial<Step> = {}): void {
    this.#account.set({
      state: "signedOut",
      isBusy,
      problem,
      providers: this.#providers ?? [],
      secondFactor,
      signIn: (username, password) => void this.#signIn(username, password),
      signUp: (registration) => void this.#signUp(registration),
      clearProblem: () => {
        const account = this.#account.value;
        if (account.state === "signedOut") this.#account.set({ ...account, problem: null });
      },
    });
    if (this.#providers === null) void this.#loadProviders();
  }

  async #loadProviders(): Promise<void> {
    this.#providers = [];
    try {
      this.#providers = await this.#entry.providers();
    } catch (error) {
      // The password's way in is there all the same.
      console.warn("salon: other ways to sign in could not be loaded", error);
      this.#providers = null;
      return;
    }
    const account = this.#account.value;
    if (account.state === "signedOut") this.#account.set({ ...account, providers: this.#providers });
  }
}

type Step = { readonly isBusy: boolean; readonly secondFactor: SecondFactor | null };

function loginProblem(error: ApiError): ProblemKind | null {
  if (error.status !== 400 && error.status !== 401) return null;
  if (/second factor/i.test(error.message)) return "codeNeeded";
  return /\bcode\b/i.test(error.message) ? "badCode" : "badLogin";
}

function registerProblem(error: ApiError): ProblemKind | null {
  return /exists/i.test(error.message) ? "taken" : null;
}
