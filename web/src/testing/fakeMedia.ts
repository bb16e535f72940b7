/** An `<audio>` or `<video>` whose time the test moves. */

import type { MediaLike } from "../state/playback";

export class FakeMedia implements MediaLike {
  currentTime = 0;
  playbackRate = 1;
  volume = 1;
  muted = false;
  paused = true;
  readyState = 4;
  error: MediaError | null = null;

  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  /** Lets so much of the listener's time pass. */
  run(seconds: number): void {
    if (!this.paused && this.readyState >= 3) this.currentTime += seconds * this.playbackRate;
  }
}
