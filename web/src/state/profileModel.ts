/** One's own account, loaded and changed over REST. */

import type { Accounts, Profile } from "../api/accounts";
import type { ApiError } from "../api/http";
import type { SecurityApi } from "../api/security";
import { outcomeOf, problemOf, type Outcome, type ProblemKind } from "./problem";
import type { Enrolment, OwnAccount, ProfileState, ProfileView } from "./profile";
import { Value, type Readable } from "./readable";

export type ProfileModelOptions = {
  readonly accounts: Accounts;
  readonly security: SecurityApi;
  /** Hears what is new of the profile. */
  readonly onProfile: (profile: Profile) => void;
  /** The password is new: gets a token for the sign-in that goes on. */
  readonly renew: () => Promise<void>;
  /** The sign-in is over. */
  readonly onGone: () => void;
};

export class ProfileModel implements OwnAccount {
  readonly #options: ProfileModelOptions;
  readonly #state = new Value<ProfileState>({ state: "loading" });

  constructor(options: ProfileModelOptions) {
    this.#options = options;
  }

  get state(): Readable<ProfileState> {
    return this.#state;
  }

  reload(): void {
    void this.#load();
  }

  save(change: { readonly nickname: string; readonly phone: string }): Promise<Outcome<null>> {
    return done(async () => this.#show(await this.#options.accounts.update(change)));
  }

  setAvatar(picture: Blob, onProgress: (share: number) => void): Promise<Outcome<null>> {
    const { accounts } = this.#options;
    return done(async () => {
      await accounts.setAvatar(picture, onProgress);
      this.#show(await accounts.profile());
    }, pictureProblem);
  }

  removeAvatar(): Promise<Outcome<null>> {
    const { accounts } = this.#options;
    return done(async () => {
      await accounts.removeAvatar();
      this.#show(await accounts.profile());
    });
  }

  changePassword(before: string, next: string): Promise<Outcome<null>> {
    const { accounts, renew } = this.#options;
    return done(async () => {
      await accounts.changePassword(before, next);
      await renew();
    }, passwordProblem);
  }

  beginFactor(password: string): Promise<Outcome<Enrolment>> {
    return outcomeOf(() => this.#options.security.beginFactor(password), passwordProblem);
  }

  enableFactor(code: string): Promise<Outcome<readonly string[]>> {
    return this.#withCodes(() => this.#options.security.enableFactor(code));
  }

  disableFactor(password: string, code: string): Promise<Outcome<null>> {
    return done(async () => {
      await this.#options.security.disableFactor(password, code);
      this.#change({ factor: { isOn: false, recoveryCodesLeft: 0 } });
    }, passwordProblem);
  }

  renewRecoveryCodes(password: string, code: string): Promise<Outcome<readonly string[]>> {
    return this.#withCodes(() => this.#options.security.renewRecoveryCodes(password, code));
  }

  connect(): Promise<Outcome<string>> {
    return outcomeOf(() => this.#options.security.connect());
  }

  disconnect(): Promise<Outcome<null>> {
    const { security } = this.#options;
    return done(
      async () => {
        await security.disconnect();
        this.#change({ identity: await security.identity() });
      },
      ({ status }) => (status === 409 ? "noPassword" : null),
    );
  }

  signOutEverywhere(): Promise<Outcome<null>> {
    const { accounts, onGone } = this.#options;
    return done(async () => {
      await accounts.logout(true);
      onGone();
    });
  }

  remove(): Promise<Outcome<null>> {
    const { accounts, onGone } = this.#options;
    return done(
      async () => {
        await accounts.remove();
        onGone();
      },
      ({ status }) => (status === 403 ? "lastAdmin" : null),
    );
  }

  async #load(): Promise<void> {
    const { accounts, security, onProfile } = this.#options;
    if (this.#state.value.state === "failed") this.#state.set({ state: "loading" });
    try {
      const [profile, factor, identity] = await Promise.all([accounts.profile(), security.factor(), security.identity()]);
      const view = { ...profile, factor, identity: identity.label === "" ? null : identity };
      this.#state.set({ state: "ready", profile: view });
      onProfile(profile);
    } catch (error) {
      this.#state.set({ state: "failed", problem: problemOf(error) });
    }
  }

  #withCodes(request: () => Promise<string[]>): Promise<Outcome<readonly string[]>> {
    return outcomeOf(async () => {
      const codes = await request();
      this.#change({ factor: { isOn: true, recoveryCodesLeft: codes.length } });
      return codes;
    }, passwordProblem);
  }

  #show(profile: Profile): void {
    this.#change(profile);
    this.#options.onProfile(profile);
  }

  #change(change: Partial<ProfileView>): void {
    const now = this.#state.value;
    if (now.state === "ready") this.#state.set({ state: "ready", profile: { ...now.profile, ...change } });
  }
}

function done(request: () => Promise<void>, special?: (error: ApiError) => ProblemKind | null): Promise<Outcome<null>> {
  return outcomeOf(async () => {
    await request();
    return null;
  }, special);
}

function passwordProblem({ status, message }: ApiError): ProblemKind | null {
  if (status !== 400) return null;
  if (/must differ/i.test(message)) return "samePassword";
  if (/password is wrong/i.test(message)) return "wrongPassword";
  return /\bcode\b/i.test(message) ? "badCode" : null;
}

function pictureProblem({ status }: ApiError): ProblemKind | null {
  switch (status) {
    case 413:
      return "tooLarge";
    case 415:
      return "badType";
    case 400:
      return "badPicture";
    default:
      return null;
  }
}
