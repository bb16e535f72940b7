/** Loads a transcript page by page, showing what has come. */

import { ApiError } from "../api/http";
import { transcriptFile, type TranscriptFormat, type TranscriptsApi, type VoiceNote, type Within } from "../api/transcripts";
import { outcomeOf, problemOf, type Outcome } from "./problem";
import { Value, type Readable } from "./readable";
import type { Transcript, TranscriptState } from "./transcript";

/** A day of talk; beyond that a page is no longer the way to read it. */
const LINES_LIMIT = 20_000;

export type TranscriptSource = {
  readonly meetingId: number;
  /** Only what was said while this was recorded. */
  readonly recording?: { readonly id: string; readonly within: Within };
};

type Api = Pick<TranscriptsApi, "lines" | "remove" | "voices">;

export class TranscriptModel implements Transcript {
  readonly #api: Api;
  readonly #findSource: () => Promise<TranscriptSource>;
  readonly #state = new Value<TranscriptState>({ state: "loading", problem: null, title: "", startedAt: null, lines: [], notes: [], isBusy: true, canDelete: false });
  #source: TranscriptSource | null = null;
  #asked = 0;

  constructor(api: Api, findSource: () => Promise<TranscriptSource>) {
    this.#api = api;
    this.#findSource = findSource;
  }

  get state(): Readable<TranscriptState> {
    return this.#state;
  }

  get meetingId(): number | null {
    return this.#source?.meetingId ?? null;
  }

  open(): () => void {
    this.reload();
    return () => void (this.#asked += 1);
  }

  reload(): void {
    this.#asked += 1;
    this.#state.update((now) => ({ ...now, state: now.lines.length === 0 ? "loading" : "ready", problem: null, isBusy: true }));
    void this.#load(this.#asked);
  }

  fileUrl(format: TranscriptFormat): string | null {
    return this.#source === null ? null : transcriptFile(this.#source.meetingId, format, this.#source.recording?.id);
  }

  async remove(): Promise<Outcome<null>> {
    const outcome = await outcomeOf(
      async () => this.#api.remove((await this.#findSource()).meetingId),
      ({ status }) => (status === 403 ? "invalid" : null), // The server says who may.
    );
    if (!outcome.ok) return outcome;
    this.#asked += 1;
    this.#state.update((now) => ({ ...now, state: "none", problem: null, lines: [], notes: [], isBusy: false }));
    return { ok: true, value: null };
  }

  /** They stand beside the transcript: where there are none to be had, it is read without. */
  async #loadNotes(meetingId: number, within: Within | undefined): Promise<readonly VoiceNote[]> {
    try {
      const notes = await this.#api.voices(meetingId);
      return within === undefined ? notes : notes.filter(({ at }) => within.from <= at && at <= within.to);
    } catch (error) {
      console.info("salon: nothing is known here of voices", error);
      return [];
    }
  }

  async #load(asked: number): Promise<void> {
    const isCurrent = (): boolean => asked === this.#asked;
    try {
      this.#source ??= await this.#findSource();
      const { meetingId, recording } = this.#source;
      const lines: TranscriptState["lines"][number][] = [];
      for (let page = 1, isBusy = true; isBusy; page += 1) {
        const { title, startedAt, total, canDelete, ...part } = await this.#api.lines(meetingId, page, recording?.within);
        if (!isCurrent()) return;
        lines.push(...part.lines);
        isBusy = part.lines.length > 0 && lines.length < Math.min(total, LINES_LIMIT);
        this.#state.update(({ notes }) => ({ state: lines.length === 0 ? "none" : "ready", problem: null, title, startedAt, lines: [...lines], notes, isBusy, canDelete }));
      }
      if (!this.#state.value.canDelete || lines.length === 0) return;
      const notes = await this.#loadNotes(meetingId, recording?.within);
      if (isCurrent()) this.#state.update((now) => ({ ...now, notes }));
    } catch (error) {
      if (!isCurrent()) return;
      const isNone = error instanceof ApiError && error.status === 404;
      this.#state.update((now) => ({ ...now, state: isNone ? "none" : "failed", problem: isNone ? null : problemOf(error), isBusy: false }));
    }
  }
}
