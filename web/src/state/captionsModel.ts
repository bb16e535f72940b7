/** Follows what the server says of a meeting's captions; nobody is written down without having been told. */

import type { CaptionState, CaptionsApi } from "../api/captions";
import { ApiError } from "../api/http";
import { transcriptFile, type TranscriptsApi } from "../api/transcripts";
import type { Caption } from "../rtc/captionMessages";
import type { Clock } from "../rtc/clock";
import type { Notice } from "./call";
import { LINES_LIMIT, recentOf, withEarlier, withLine, type HeardLine } from "./captionLines";
import type { Captions } from "./captions";
import type { PreferenceStore } from "./preferences";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";
import { lastLines } from "./transcriptLines";

export type CaptionsModelOptions = {
  readonly api: Pick<CaptionsApi, "prepare" | "set">;
  readonly transcripts: Pick<TranscriptsApi, "lines">;
  readonly clock: Clock;
  readonly preferences: PreferenceStore;
  readonly meetingId: number;
  readonly userId: number;
  readonly announce: (notice: Notice) => void;
  /** The name somebody goes by; null if it is not known. */
  readonly nameOf: (userId: number) => string | null;
};

export class CaptionsModel {
  readonly #options: CaptionsModelOptions;
  readonly #captions: Value<Captions>;
  #lines: readonly HeardLine[] = [];
  /** Since when they have been on, as of the last news: to tell a new beginning from an old one heard again. */
  #since_ms: number | null = null;
  #cancelWait: () => void = () => undefined;

  constructor(options: CaptionsModelOptions) {
    this.#options = options;
    const { showsCaptions, captionSize } = options.preferences.preferences;
    this.#captions = new Value<Captions>({
      state: "unknown",
      condition: "ok",
      text: "",
      by: "",
      isNews: false,
      understand: () => this.#change({ isNews: false }),
      recent: [],
      lines: [],
      history: "unread",
      loadHistory: () => void this.#loadHistory(),
      fileUrl: transcriptFile(options.meetingId, "vtt"),
      isShown: showsCaptions,
      setShown: (isShown) => {
        options.preferences.remember({ showsCaptions: isShown });
        this.#change({ isShown });
      },
      size: captionSize,
      setSize: (size) => {
        options.preferences.remember({ captionSize: size });
        this.#change({ size });
      },
      prepare: () => void this.#prepare(),
      switchTo: (isOn) => this.#switch(isOn),
    });
  }

  get captions(): Readable<Captions> {
    return this.#captions;
  }

  /** Our session begins (again): what was being said in between is known to the server alone. */
  entered(): void {
    this.#show(this.#lines.filter(({ isFinal }) => isFinal));
    if (this.#captions.value.history !== "unread") void this.#loadHistory();
  }

  takeState({ isOn, by, since, condition, text }: CaptionState): void {
    const { userId, nameOf, announce } = this.#options;
    const before = this.#captions.value;
    const since_ms = since?.getTime() ?? null;
    const isNew = isOn && (before.state !== "on" || since_ms !== this.#since_ms);
    const isOwn = by?.userId === userId;
    this.#since_ms = isOn ? since_ms : null;
    this.#change({
      state: isOn ? "on" : "off",
      condition,
      text,
      by: by === null ? "" : (nameOf(by.userId) ?? by.username),
      isNews: isOn && (isNew ? !isOwn : before.isNews),
    });
    if (isNew && isOwn) announce({ kind: "captionsOn" });
    if (!isOn && before.state === "on") {
      this.#show(this.#lines.filter(({ isFinal }) => isFinal));
      announce({ kind: "captionsOff" });
    }
  }

  take({ lineId, userId, speaker, startedAt, text, language, isFinal, mood }: Caption): void {
    const name = this.#options.nameOf(userId) ?? speaker;
    const heardAt_ms = this.#options.clock.now_ms();
    this.#show(withLine(this.#lines, { id: lineId, userId, speaker: name, startedAt, text, language, isFinal, mood, heardAt_ms }));
  }

  close(): void {
    this.#cancelWait();
  }

  #show(lines: readonly HeardLine[]): void {
    this.#lines = lines;
    this.#change({ lines });
    this.#showRecent();
  }

  /** What nobody adds to goes out of sight. */
  #showRecent(): void {
    const { clock } = this.#options;
    this.#cancelWait();
    const { lines, changesAt_ms } = recentOf(this.#lines, clock.now_ms());
    this.#change({ recent: lines });
    if (changesAt_ms !== null) this.#cancelWait = clock.after(Math.max(1, changesAt_ms - clock.now_ms()), () => this.#showRecent());
  }

  async #loadHistory(): Promise<void> {
    const { transcripts, meetingId } = this.#options;
    if (this.#captions.value.history === "loading") return;
    this.#change({ history: "loading" });
    try {
      const earlier = await lastLines((page) => transcripts.lines(meetingId, page), LINES_LIMIT);
      this.#show(withEarlier(this.#lines, earlier.map((line) => ({ ...line, isFinal: true, mood: null }))));
      this.#change({ history: "ready" });
    } catch (error) {
      // Nothing was said before we came: there is no transcript yet.
      const isNone = error instanceof ApiError && error.status === 404;
      this.#change({ history: isNone ? "ready" : "failed" });
    }
  }

  async #prepare(): Promise<void> {
    const { api, meetingId } = this.#options;
    // It spares a wait, no more: what is wrong is told when they are switched on.
    await api.prepare(meetingId).catch(() => undefined);
  }

  async #switch(isOn: boolean): Promise<void> {
    const { api, meetingId, announce } = this.#options;
    try {
      this.takeState(await api.set(meetingId, isOn));
    } catch (error) {
      // "No" and "not now" have their reasons here (forbidden, no model): the server's words say more than ours.
      const problem = problemOf(error, ({ status }) => (status === 403 || status === 429 || status === 503 ? "invalid" : null));
      announce({ kind: "actionFailed", problem });
    }
  }

  #change(change: Partial<Captions>): void {
    this.#captions.update((now) => ({ ...now, ...change }));
  }
}
