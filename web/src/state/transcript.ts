/** What was said in one meeting, and what is made of it. */

import type { TranscriptFormat, TranscriptHit, TranscriptLine, TranscriptSummary, VoiceNote } from "../api/transcripts";
import type { Outcome, Problem } from "./problem";
import type { Readable } from "./readable";

export { FORMATS } from "../api/transcripts";
export type { TranscriptFormat, TranscriptHit, TranscriptLine, TranscriptSummary, VoiceNote };

export type TranscriptState = {
  /** `none`: nothing was written down. `loading` only while there is nothing to show yet. */
  readonly state: "loading" | "ready" | "none" | "failed";
  readonly problem: Problem | null;
  readonly title: string;
  readonly startedAt: Date | null;
  /** In the order in which they were said. */
  readonly lines: readonly TranscriptLine[];
  /** What was noted about voices, oldest first; empty for who may not delete the transcript. */
  readonly notes: readonly VoiceNote[];
  /** More of it is on its way. */
  readonly isBusy: boolean;
  /** This person may take it away for everybody. */
  readonly canDelete: boolean;
};

export interface Transcript {
  readonly state: Readable<TranscriptState>;
  /** Loads it; the answer ends that. */
  open(): () => void;
  reload(): void;
  /** null until it is known. */
  readonly meetingId: number | null;
  /** Where a browser fetches it as a file; null until its meeting is known. */
  fileUrl(format: TranscriptFormat): string | null;
  /** Takes it and its minutes away for everybody; only hosts may, see `canDelete`. */
  remove(): Promise<Outcome<null>>;
}
