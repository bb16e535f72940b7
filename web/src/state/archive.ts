/** What is kept after a meeting: recordings and files. Few people need it at once, so it comes when it is asked for. */

import type { Library } from "./library";
import type { Player } from "./player";
import type { Recordings } from "./recordings";

export interface Archive {
  /** One's own, or those of one meeting. */
  recordings(meetingId: number | null): Recordings;
  player(recordingId: string): Player;
  library(): Library;
}
