/** Follows what the server says of a meeting's recording; nobody is recorded without having been told. */

import type { ModerationApi } from "../api/moderation";
import type { RecordingState, RunningRecording } from "../rtc/meetingMessages";
import type { RoomInfo } from "../rtc/messages";
import type { Notice } from "./call";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";
import type { RecordingNow } from "./recordingNow";

export type RecordingNowOptions = {
  readonly moderation: Pick<ModerationApi, "startRecording" | "stopRecording">;
  readonly meetingId: number;
  readonly userId: number;
  readonly announce: (notice: Notice) => void;
  /** The name somebody goes by; null if it is not known. */
  readonly nameOf: (userId: number) => string | null;
};

export class RecordingNowModel {
  readonly #options: RecordingNowOptions;
  readonly #recording: Value<RecordingNow>;

  constructor(options: RecordingNowOptions) {
    this.#options = options;
    const { moderation, meetingId } = options;
    this.#recording = new Value<RecordingNow>({
      running: null,
      isNews: false,
      warning: "",
      understand: () => this.#recording.update((now) => ({ ...now, isNews: false })),
      hideWarning: () => this.#recording.update((now) => ({ ...now, warning: "" })),
      start: () => this.#act(() => moderation.startRecording(meetingId)),
      stop: () => this.#act(() => moderation.stopRecording(meetingId)),
    });
  }

  get recording(): Readable<RecordingNow> {
    return this.#recording;
  }

  /** Each list of the room tells it too: a message that was missed in an outage is made good. */
  takeRoom({ recording }: Pick<RoomInfo, "recording">): void {
    if (recording === null) this.#end();
    else this.#begin(recording);
  }

  take({ state, recording, text }: RecordingState): void {
    if (state === "stopped") {
      this.#end();
      return;
    }
    this.#begin(recording);
    this.#recording.update((now) => ({ ...now, warning: state === "warning" ? text : "" }));
  }

  #begin({ recordingId, age_ms, by }: RunningRecording): void {
    if (this.#recording.value.running?.id === recordingId) return;
    const isOwn = by.userId === this.#options.userId;
    const name = this.#options.nameOf(by.userId) ?? by.username;
    this.#recording.update((now) => ({
      ...now,
      running: { id: recordingId, startedAt: new Date(Date.now() - age_ms), by: name },
      isNews: !isOwn,
      warning: "",
    }));
    if (isOwn) this.#options.announce({ kind: "recordingStarted" });
  }

  #end(): void {
    if (this.#recording.value.running === null) return;
    this.#recording.update((now) => ({ ...now, running: null, isNews: false, warning: "" }));
    this.#options.announce({ kind: "recordingStopped" });
  }

  async #act(request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      // "No" and "not now" have their reasons here (switched off, disk full): the server's words say more than ours.
      const problem = problemOf(error, ({ status }) => (status === 403 || status === 503 ? "invalid" : null));
      this.#options.announce({ kind: "actionFailed", problem });
    }
  }
}
