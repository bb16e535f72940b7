/** Ways in for whoever has no password at hand. */

import type { Registration } from "./account";
import type { Outcome } from "./problem";

export interface Entrance {
  /** Asks for a code by mail. Says yes whether or not there is such an account. */
  forgot(email: string): Promise<Outcome<null>>;
  /** Sets a new password with the mailed code. */
  reset(email: string, code: string, password: string): Promise<Outcome<null>>;
  /** Takes the sign-in that a provider's page left behind in this browser. */
  resume(): Promise<Outcome<null>>;
  /** Whether this server still has no administrator. */
  needsSetup(): Promise<Outcome<boolean>>;
  /** Becomes the first administrator, and signs in. */
  setUp(key: string, account: Registration): Promise<Outcome<null>>;
}
