/** Who speaks now, from the loudness of what is received. */

import { every, type Clock } from "./clock";
import type { RemoteTrack } from "./mediaPeer";

const PERIOD_MS = 200;
/** Speech is above this (linear, 1 is full scale: about -36 dB), a quiet room below. */
const SPEECH_LEVEL = 0.015;
/** Speech has gaps between words; the ring must not flicker in them. */
const HOLD_MS = 1000;

/** Decides from levels over time who is speaking. Pure: it is told the time. */
export class SpeakerDetector {
  readonly #spokeAt_ms = new Map<string, number>();

  /** Takes one reading of every source, gives the ids of those who speak. Sources left out are forgotten. */
  read(levels: ReadonlyMap<string, number>, now_ms: number): ReadonlySet<string> {
    for (const id of this.#spokeAt_ms.keys()) {
      if (!levels.has(id)) this.#spokeAt_ms.delete(id);
    }
    for (const [id, level] of levels) {
      if (level >= SPEECH_LEVEL) this.#spokeAt_ms.set(id, now_ms);
    }
    const speaking = new Set<string>();
    for (const [id, spokeAt_ms] of this.#spokeAt_ms) {
      if (now_ms - spokeAt_ms < HOLD_MS) speaking.add(id);
    }
    return speaking;
  }
}

/** Reads the loudness of tracks that come and go, and tells who speaks when that changes. */
export class SpeakerWatch {
  readonly #clock: Clock;
  readonly #onChange: (streamIds: ReadonlySet<string>) => void;
  readonly #detector = new SpeakerDetector();
  readonly #lastPackets = new WeakMap<RTCRtpReceiver, number>();
  readonly #stop: () => void;
  #tracks: readonly RemoteTrack[] = [];
  #speaking: ReadonlySet<string> = new Set();
  #isReading = false;

  constructor(clock: Clock, onChange: (streamIds: ReadonlySet<string>) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#stop = every(clock, PERIOD_MS, () => {
      if (this.#isReading) return; // Statistics of many receivers may take longer than one period.
      this.#isReading = true;
      void this.#read().finally(() => (this.#isReading = false));
    });
  }

  watch(tracks: readonly RemoteTrack[]): void {
    this.#tracks = tracks.filter((track) => track.kind === "audio");
  }

  close(): void {
    this.#stop();
  }

  async #read(): Promise<void> {
    const levels = new Map<string, number>();
    await Promise.all(
      this.#tracks.map(async ({ streamId, receiver }) => levels.set(streamId, await this.#level(receiver))),
    );
    const speaking = this.#detector.read(levels, this.#clock.now_ms());
    if (isSame(speaking, this.#speaking)) return;
    this.#speaking = speaking;
    this.#onChange(speaking);
  }

  /** The level in [0, 1] that the browser measured since the last reading. */
  async #level(receiver: RTCRtpReceiver): Promise<number> {
    const source = receiver.getSynchronizationSources()[0];
    if (source?.audioLevel !== undefined) {
      // The browser repeats the last packet's level for ten seconds after somebody was muted.
      const isNew = this.#lastPackets.get(receiver) !== source.rtpTimestamp;
      this.#lastPackets.set(receiver, source.rtpTimestamp);
      return isNew ? source.audioLevel : 0;
    }
    // Without the level header extension only the decoder knows.
    for (const report of (await receiver.getStats()).values()) {
      const { type, audioLevel: decoded } = report as { type: string; audioLevel?: number };
      if (type === "inbound-rtp" && decoded !== undefined) return decoded;
    }
    return 0;
  }
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((id) => other.has(id));
}
