/** One device of this person, camera or microphone: opened, watched, lost, chosen. */

import { DeviceError, troubleOf, type Device, type DeviceTrouble } from "../rtc/devices";
import { Value, type Readable } from "./readable";

export type DeviceState = {
  /** What the person wants. Only the person turns it on. */
  readonly isWanted: boolean;
  readonly isStarting: boolean;
  readonly trouble: DeviceTrouble | null;
  readonly track: MediaStreamTrack | null;
  readonly choices: readonly Device[];
  readonly chosenId: string | null;
};

export type LocalDeviceOptions = {
  readonly open: (deviceId: string | null) => Promise<MediaStreamTrack>;
  readonly isWanted: boolean;
  readonly chosenId: string | null;
  /** A microphone that is off stays open (so that it is back at once); a camera that is off goes dark. */
  readonly staysOpen: boolean;
  readonly onLost: () => void;
};

export class LocalDevice {
  readonly #options: LocalDeviceOptions;
  readonly #state: Value<DeviceState>;
  #opening = 0;
  #isClosed = false;

  constructor(options: LocalDeviceOptions) {
    this.#options = options;
    const { isWanted, chosenId } = options;
    this.#state = new Value<DeviceState>({
      isWanted,
      isStarting: false,
      trouble: null,
      track: null,
      choices: [],
      chosenId,
    });
  }

  get state(): Readable<DeviceState> {
    return this.#state;
  }

  setChoices(choices: readonly Device[]): void {
    this.#patch({ choices });
  }

  /** Turns the device on or off; off is at once, on when the device has opened. */
  async want(isWanted: boolean): Promise<void> {
    this.#patch({ isWanted });
    const { track } = this.#state.value;
    if (!isWanted && !this.#options.staysOpen) this.#release();
    else if (track !== null) track.enabled = isWanted;
    else if (isWanted) await this.open();
  }

  /** Uses another device, or the system's default. A device that is off is not turned on. */
  async choose(deviceId: string | null): Promise<void> {
    const isInUse = this.#state.value.track !== null;
    this.#patch({ chosenId: deviceId });
    if (isInUse || this.#state.value.trouble !== null) await this.open();
  }

  /** Opens the device, or says in `trouble` why it does not open. */
  async open(): Promise<void> {
    await this.adopt(() => this.#options.open(this.#state.value.chosenId));
  }

  /** As {@link open}, with a track that comes from elsewhere. */
  async adopt(opening: () => Promise<MediaStreamTrack>): Promise<void> {
    this.#opening += 1;
    const serial = this.#opening;
    this.#patch({ isStarting: true });
    try {
      const track = await this.#openOrDefault(opening);
      if (serial === this.#opening && !this.#isClosed && this.#mayHold()) this.#hold(track);
      else track.stop();
    } catch (error) {
      if (serial === this.#opening) this.#patch({ trouble: troubleOf(error) });
    }
    if (serial === this.#opening) this.#patch({ isStarting: false });
  }

  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  /** The remembered device may have been left at the office. */
  async #openOrDefault(opening: () => Promise<MediaStreamTrack>): Promise<MediaStreamTrack> {
    try {
      return await opening();
    } catch (error) {
      const isAbsent = error instanceof DeviceError && error.trouble === "notFound";
      if (!isAbsent || this.#state.value.chosenId === null) throw error;
      const track = await this.#options.open(null);
      this.#patch({ chosenId: null });
      return track;
    }
  }

  #mayHold(): boolean {
    return this.#options.staysOpen || this.#state.value.isWanted;
  }

  #hold(track: MediaStreamTrack): void {
    const before = this.#state.value.track;
    track.enabled = this.#state.value.isWanted;
    track.onended = () => this.#lose(track);
    this.#patch({ track, trouble: null });
    if (before !== null) {
      before.onended = null;
      before.stop();
    }
  }

  #release(): void {
    this.#opening += 1; // What is opening now comes too late.
    const { track } = this.#state.value;
    if (track !== null) {
      track.onended = null;
      track.stop();
    }
    this.#patch({ track: null, isStarting: false });
  }

  /** Unplugged, or the permission was taken back. What replaces it starts switched off. */
  #lose(track: MediaStreamTrack): void {
    if (this.#state.value.track !== track) return;
    this.#patch({ track: null, trouble: "lost", isWanted: false });
    this.#options.onLost();
  }

  #patch(change: Partial<DeviceState>): void {
    this.#state.update((state) => ({ ...state, ...change }));
  }
}
