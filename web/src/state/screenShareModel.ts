/** Sharing a screen: its track takes the camera's place in what is sent. */

import type { Devices } from "../rtc/devices";
import type { ScreenShare } from "./call";
import type { BlockReason } from "./media";
import { Value, type Readable } from "./readable";

export class ScreenShareModel {
  readonly #devices: Devices;
  readonly #onFailed: () => void;
  readonly #screenShare: Value<ScreenShare>;
  #video: MediaStream | null = null;
  #blocked: BlockReason | null = null;
  #isAsking = false;
  #isClosed = false;

  constructor(devices: Devices, onFailed: () => void) {
    this.#devices = devices;
    this.#onFailed = onFailed;
    this.#screenShare = new Value(this.#view());
  }

  get screenShare(): Readable<ScreenShare> {
    return this.#screenShare;
  }

  /** The shared picture, null while nothing is shared. */
  get video(): MediaStream | null {
    return this.#video;
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  /** Stops and forbids sharing for this reason; null allows it. */
  block(reason: BlockReason | null): void {
    if (reason === this.#blocked) return;
    this.#blocked = reason;
    if (reason === null) this.#show();
    else this.#stop();
  }

  stop(): void {
    if (this.#video !== null) this.#stop();
  }

  async #start(): Promise<void> {
    if (this.#isAsking) return; // The browser's picker is open already.
    this.#isAsking = true;
    try {
      const track = await this.#devices.openScreen();
      if (this.#isClosed || this.#blocked !== null) track?.stop();
      else if (track !== null) {
        track.onended = () => this.#stop(); // The browser has its own button for stopping.
        this.#video = new MediaStream([track]);
      }
    } catch (error) {
      console.warn("salon: the screen could not be shared", error);
      this.#onFailed();
    }
    this.#isAsking = false;
    this.#show();
  }

  #stop(): void {
    for (const track of this.#video?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#video = null;
    this.#show();
  }

  #show(): void {
    this.#screenShare.set(this.#view());
  }

  #view(): ScreenShare {
    const isSharing = this.#video !== null;
    if (!this.#devices.canShareScreen) return { isSharing };
    if (this.#blocked !== null) return { isSharing, blocked: this.#blocked };
    return { isSharing, toggle: () => (isSharing ? this.#stop() : void this.#start()) };
  }
}
