/** Who is signed in on this device. */

import type { Proof } from "../api/accounts";
import { providerPath, type Provider } from "../api/entry";
import type { Problem } from "./problem";

export { providerPath, type Proof, type Provider };

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

/** The password was right, and the account asks for a code too. */
export type SecondFactor = {
  readonly answer: (proof: Proof) => void;
  /** Back to name and password. */
  readonly cancel: () => void;
};

export type Account =
  | { readonly state: "checking" }
  | {
      readonly state: "signedOut";
      readonly isBusy: boolean;
      /** Why the last try failed, or why the session ended (`signedOut`). */
      readonly problem: Problem | null;
      /** Other ways in; empty until known. */
      readonly providers: readonly Provider[];
      /** The second step of a sign-in; null at the first. */
      readonly secondFactor: SecondFactor | null;
      readonly signIn: (usernameOrEmail: string, password: string) => void;
      /** Creates the account and signs in. */
      readonly signUp: (registration: Registration) => void;
      /** Forgets the problem, as when the person turns to the other tab. */
      readonly clearProblem: () => void;
    }
  | { readonly state: "signedIn"; readonly person: Person; readonly signOut: () => void };
