/** What this person lets the server conclude from their voice. */

import type { MoodConsent } from "../api/consent";
import type { Outcome, Problem } from "./problem";
import type { Readable } from "./readable";

export type ConsentState =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly problem: Problem }
  | { readonly state: "ready"; readonly mood: MoodConsent };

export interface Consent {
  readonly state: Readable<ConsentState>;
  reload(): void;
  setMood(isGiven: boolean): Promise<Outcome<null>>;
}
