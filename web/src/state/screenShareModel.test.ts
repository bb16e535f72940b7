import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Devices, type MediaDevicesLike } from "../rtc/devices";
import { settle } from "../testing/fakeClock";
import { ScreenShareModel } from "./screenShareModel";

type FakeTrack = { onended: (() => void) | null; contentHint: string; stop: () => void; isStopped: boolean };

let pickers: ((pick: FakeTrack | null) => void)[];
let failures: number;
let share: ScreenShareModel;

function screenTrack(): FakeTrack {
  const track = { onended: null, contentHint: "", isStopped: false, stop: () => void (track.isStopped = true) };
  return track;
}

beforeEach(() => {
  class FakeStream {
    readonly #tracks: readonly unknown[];
    constructor(tracks: readonly unknown[]) {
      this.#tracks = tracks;
    }
    getTracks(): readonly unknown[] {
      return this.#tracks;
    }
  }
  vi.stubGlobal("MediaStream", FakeStream);
  pickers = [];
  failures = 0;
  const getDisplayMedia = () =>
    new Promise((resolve, reject) => {
      pickers.push((pick) => {
        if (pick === null) reject(new DOMException("closed", "NotAllowedError"));
        else resolve({ getVideoTracks: () => [pick] });
      });
    });
  share = new ScreenShareModel(new Devices({ getDisplayMedia } as unknown as MediaDevicesLike, 8), () => (failures += 1));
});

afterEach(() => vi.unstubAllGlobals());

test("the browser's own button for stopping ends the share", async () => {
  const track = screenTrack();
  share.screenShare.value.toggle?.();
  pickers[0]?.(track);
  await settle();
  expect(share.screenShare.value.isSharing).toBe(true);
  track.onended?.();
  expect(share.screenShare.value.isSharing).toBe(false);
  expect(share.video).toBeNull();
});

test("the button stays while the browser asks, and asks but once; closing the picker is no failure", async () => {
  share.screenShare.value.toggle?.();
  expect(share.screenShare.value.toggle).toBeDefined();
  share.screenShare.value.toggle?.();
  expect(pickers).toHaveLength(1);
  pickers[0]?.(null);
  await settle();
  expect(share.screenShare.value.isSharing).toBe(false);
  expect(failures).toBe(0);
});

test("a screen that is picked after the call is over is let go", async () => {
  const track = screenTrack();
  share.screenShare.value.toggle?.();
  share.close();
  pickers[0]?.(track);
  await settle();
  expect(track.isStopped).toBe(true);
  expect(share.video).toBeNull();
});
