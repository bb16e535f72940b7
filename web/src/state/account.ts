/** Who is signed in on this device. */

import type { Problem } from "./problem";

export type Person = {
  readonly id: number;
  readonly username: string;
  /** The nickname, else the user name. */
  readonly name: string;
  readonly email: string;
  readonly avatarUrl: string | null;
  /** Without an account: has one meeting, and nothing to manage. */
  readonly isGuest: boolean;
  /** The account's rank on the whole server; see `ranks.ts`. */
  readonly rank: number;
};

export type Registration = {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  /** May be empty. */
  readonly nickname: string;
};

export type Account =
  | { readonly state: "checking" }
  | {
      readonly state: "signedOut";
      readonly isBusy: boolean;
      /** Why the last try failed, or why the session ended (`signedOut`). */
      readonly problem: Problem | null;
      readonly signIn: (usernameOrEmail: string, password: string) => void;
      /** Creates the account and signs in. */
      readonly signUp: (registration: Registration) => void;
      /** Forgets the problem, as when the person turns to the other tab. */
      readonly clearProblem: () => void;
    }
  | { readonly state: "signedIn"; readonly person: Person; readonly signOut: () => void };
