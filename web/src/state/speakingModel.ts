/** Who is speaking now: the others by what arrives from them, oneself by the own microphone. */

import type { Clock } from "../rtc/clock";
import type { RemoteTrack } from "../rtc/mediaPeer";
import { SpeakerDetector, SpeakerWatch } from "../rtc/speakers";
import type { LocalMediaModel } from "./localMedia";
import { Value, type Readable } from "./readable";

/** On the meter's scale: clearly above a quiet room. */
const SPEECH_LOUDNESS = 0.45;

export class SpeakingModel {
  readonly #clock: Clock;
  readonly #media: LocalMediaModel;
  readonly #ownTile: string;
  readonly #watch: SpeakerWatch;
  readonly #ownVoice = new SpeakerDetector();
  readonly #speaking = new Value<ReadonlySet<string>>(new Set());
  readonly #stopHearing: () => void;
  #others: ReadonlySet<string> = new Set();
  #isOwnVoiceHeard = false;

  constructor(clock: Clock, media: LocalMediaModel, ownTile: string) {
    this.#clock = clock;
    this.#media = media;
    this.#ownTile = ownTile;
    this.#watch = new SpeakerWatch(clock, (others) => {
      this.#others = others;
      this.#show();
    });
    this.#stopHearing = media.level.subscribe(() => this.#hearOwnVoice());
  }

  /** Ids of the tiles whose people are speaking. */
  get speaking(): Readable<ReadonlySet<string>> {
    return this.#speaking;
  }

  watch(tracks: readonly RemoteTrack[]): void {
    this.#watch.watch(tracks);
  }

  close(): void {
    this.#stopHearing();
    this.#watch.close();
  }

  #hearOwnVoice(): void {
    const level = this.#media.level.value >= SPEECH_LOUDNESS ? 1 : 0;
    const isHeard = this.#ownVoice.read(new Map([[this.#ownTile, level]]), this.#clock.now_ms()).size > 0;
    if (isHeard === this.#isOwnVoiceHeard) return;
    this.#isOwnVoiceHeard = isHeard;
    this.#show();
  }

  #show(): void {
    const isMe = this.#isOwnVoiceHeard && !this.#media.microphone.value.isMuted;
    this.#speaking.set(new Set([...this.#others, ...(isMe ? [this.#ownTile] : [])]));
  }
}
