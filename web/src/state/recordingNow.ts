/** Whether this call is being recorded, and what this person may do about it. */

export type RecordingNow = {
  /** null: nothing is recorded. */
  readonly running: { readonly id: string; readonly startedAt: Date; readonly by: string } | null;
  /** This person has not yet said that they know. */
  readonly isNews: boolean;
  /** What is wrong with the recording, in the server's words; empty: nothing. */
  readonly warning: string;
  readonly understand: () => void;
  readonly hideWarning: () => void;
  /** Only moderators; what fails is told by a notice. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};
