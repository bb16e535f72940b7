/** What is kept after a meeting: recordings, files, and what was said. Few people need it at once, so it comes when it is asked for. */

import type { Library } from "./library";
import type { Player } from "./player";
import type { Minutes } from "./minutes";
import type { PagedList } from "./pagedList";
import type { Recordings } from "./recordings";
import type { Transcript, TranscriptSummary } from "./transcript";

export interface Archive {
  /** One's own, or those of one meeting. */
  recordings(meetingId: number | null): Recordings;
  player(recordingId: string): Player;
  library(): Library;
  /** One's meetings in which something was written down; the query is searched for in what was said. */
  transcripts(): PagedList<string, TranscriptSummary>;
  transcript(meetingId: number): Transcript;
  /** What was said while this recording was made. */
  transcriptOfRecording(recordingId: string, within: { readonly from: Date; readonly to: Date }): Transcript;
  minutes(meetingId: number): Minutes;
}
