/** Follows what the server tells of voices. It tells hosts and moderators; from nobody else anything is heard here. */

import type { VoiceNews } from "../rtc/voiceMessages";
import type { Notice } from "./call";
import type { Hosting } from "./hosting";
import { Value, type Readable } from "./readable";
import type { Voices } from "./voices";

/** Far more than speak in one meeting; what comes beyond that is not kept. */
const VOICES_LIMIT = 1000;

export type VoicesModelOptions = {
  /** Our own stream: nobody needs a guess about their own voice. */
  readonly ownStreamId: string;
  readonly hosting: Readable<Pick<Hosting, "canModerate">>;
  readonly announce: (notice: Notice) => void;
  /** The name somebody goes by; null if it is not known. */
  readonly nameOf: (userId: number) => string | null;
};

type Voice = Pick<VoiceNews, "userId" | "state" | "speech_s"> & {
  /** Has been told of, and is not told of again until the voice seemed well. */
  readonly isTold: boolean;
  readonly isDismissed: boolean;
};

export class VoicesModel {
  readonly #options: VoicesModelOptions;
  readonly #voices = new Value<Voices>([]);
  readonly #heard = new Map<string, Voice>();
  readonly #stopWatching: () => void;
  #mayModerate = false;

  constructor(options: VoicesModelOptions) {
    this.#options = options;
    this.#stopWatching = options.hosting.subscribe(() => this.#watchRole());
  }

  get voices(): Readable<Voices> {
    return this.#voices;
  }

  take({ speakerKey, userId, speaker, state, speech_s }: VoiceNews): void {
    const { ownStreamId, announce, nameOf } = this.#options;
    const before = this.#heard.get(speakerKey);
    if (speakerKey === ownStreamId || (before === undefined && this.#heard.size >= VOICES_LIMIT)) return;
    // No data is no all-clear: the captions may just have been off for a while.
    const isSettled = state === "ok";
    const wasTold = !isSettled && before?.isTold === true;
    const isTold = wasTold || state === "suspicious";
    const isDismissed = !isSettled && before?.isDismissed === true;
    this.#heard.set(speakerKey, { userId, state, speech_s, isTold, isDismissed });
    this.#show();
    if (isTold && !wasTold) announce({ kind: "voiceSuspicious", name: nameOf(userId) ?? speaker });
  }

  /** Our session begins (again): the server tells at once what still holds. What was told and dismissed stays so. */
  entered(): void {
    for (const [key, voice] of this.#heard) this.#heard.set(key, { ...voice, state: "no_data" });
    this.#show();
  }

  /** Forgets everybody but those who are here. */
  keepOnly(streamIds: Iterable<string>): void {
    const here = new Set(streamIds);
    for (const key of [...this.#heard.keys()]) {
      if (!here.has(key)) this.#heard.delete(key);
    }
    this.#show();
  }

  close(): void {
    this.#stopWatching();
  }

  /** Who ceases to be a moderator is told nothing any more, and what they were told is not theirs to see. */
  #watchRole(): void {
    const { canModerate } = this.#options.hosting.value;
    if (this.#mayModerate && !canModerate) this.keepOnly([]);
    this.#mayModerate = canModerate;
  }

  #dismiss(userId: number): void {
    for (const [key, voice] of this.#heard) {
      if (voice.userId === userId && voice.state === "suspicious") this.#heard.set(key, { ...voice, isDismissed: true });
    }
    this.#show();
  }

  #show(): void {
    const warned = [...this.#heard].filter(([, { state, isDismissed }]) => state === "suspicious" && !isDismissed);
    if (warned.length === 0 && this.#voices.value.length === 0) return; // As in almost every call: nothing to draw again.
    this.#voices.set(
      warned.map(([streamId, { userId, speech_s }]) => ({ streamId, userId, speech_s: Math.round(speech_s), dismiss: () => this.#dismiss(userId) })),
    );
  }
}
