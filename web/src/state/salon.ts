/** The root of all view models; `main.tsx` makes one and hands it to the screens. */

import type { Account } from "./account";
import type { Administration } from "./administration";
import type { Archive } from "./archive";
import type { Consent } from "./consent";
import type { Entrance } from "./entrance";
import type { Meetings } from "./meetings";
import type { Invitation } from "./invitation";
import type { Planned } from "./planned";
import type { OwnAccount } from "./profile";
import type { Readable } from "./readable";
import type { Visit } from "./visit";

export interface Salon {
  readonly account: Readable<Account>;
  /** Loads when somebody signs in; `reload` when its screen opens. */
  readonly meetings: Readable<Meetings>;
  /**
   * Goes to a meeting's door; only while signed in. The caller closes the visit. A visit may be closed and
   * another one opened for the same meeting at once (React does so in development).
   */
  visit(meetingId: number): Visit;
  /** The page of one meeting outside the call; only while signed in. */
  planned(meetingId: number): Planned;
  /** Ways in without a password at hand. */
  readonly entrance: Entrance;
  /** The page of one's own account; only while signed in, and not for guests. */
  ownAccount(): OwnAccount;
  /** What the server may conclude from one's voice; only while signed in, and not for guests. */
  consent(): Consent;
  /** What an invite link leads to; also while signed out. */
  invitation(token: string): Invitation;
  /** What administrators see and do; the server refuses everybody else. */
  administration(): Administration;
  /** Recordings, files and transcripts; only while signed in, and not for guests. The same answer each time. */
  archive(): Promise<Archive>;
}
