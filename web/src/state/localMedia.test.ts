import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Devices, type MediaDevicesLike } from "../rtc/devices";
import { FakeClock, settle } from "../testing/fakeClock";
import { LocalMediaModel, type DeviceFault } from "./localMedia";
import { PreferenceStore } from "./preferences";

let refusal: string | null;
let tracks: { onended: (() => void) | null; stop: () => void; isStopped: boolean }[];
let store: PreferenceStore;
let media: LocalMediaModel;
let faults: DeviceFault[];

/** A computer with a camera and no microphone. */
const mediaDevices = {
  getUserMedia: ({ audio }: MediaStreamConstraints) => {
    if (audio !== undefined) return Promise.reject(new DOMException("none", "NotFoundError"));
    if (refusal !== null) return Promise.reject(new DOMException("no", refusal));
    const track = { onended: null, enabled: true, isStopped: false, stop: () => void (track.isStopped = true), getSettings: () => ({}) };
    tracks.push(track);
    return Promise.resolve({ getVideoTracks: () => [track] });
  },
  enumerateDevices: () => Promise.resolve([]),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};

beforeEach(async () => {
  class FakeStream {
    getVideoTracks(): unknown[] {
      return tracks.slice(-1);
    }
  }
  vi.stubGlobal("MediaStream", FakeStream);
  refusal = null;
  tracks = [];
  faults = [];
  store = new PreferenceStore(null);
  const devices = new Devices(mediaDevices as unknown as MediaDevicesLike, 8);
  media = new LocalMediaModel(devices, store, new FakeClock());
  media.faults.subscribe((fault) => faults.push(fault));
  await media.start();
});

afterEach(() => {
  media.close();
  vi.unstubAllGlobals();
});

test("without a microphone the camera runs all the same, and goes dark at the end", () => {
  expect(media.microphone.value).toMatchObject({ isMuted: true, trouble: "notFound" });
  expect(media.camera.value.isOn).toBe(true);
  media.close();
  expect(tracks.map(({ isStopped }) => isStopped)).toEqual([true]);
});

test("a camera that was unplugged stays off, in the next call too", () => {
  tracks[0]?.onended?.();
  expect(faults).toEqual([{ device: "camera", trouble: "lost" }]);
  expect(media.camera.value).toMatchObject({ isOn: false, trouble: "lost", video: null });
  expect(store.preferences.isCameraOn).toBe(false);
});

test("a press that cannot switch the camera on says why", async () => {
  media.camera.value.toggle?.();
  refusal = "NotAllowedError";
  media.camera.value.toggle?.();
  await settle();
  expect(faults).toEqual([{ device: "camera", trouble: "denied" }]);
  refusal = null;
  media.camera.value.toggle?.();
  await settle();
  expect(media.camera.value).toMatchObject({ isOn: true, trouble: null });
  expect(faults).toHaveLength(1);
});

test("another camera that is busy leaves the first one running, and can be tried again", async () => {
  refusal = "NotReadableError";
  media.camera.value.picker.select?.("other");
  await settle();
  expect(media.camera.value).toMatchObject({ isOn: true, trouble: "inUse" });
  expect(tracks.map(({ isStopped }) => isStopped)).toEqual([false]);
  refusal = null;
  media.retry();
  await settle();
  expect(media.camera.value).toMatchObject({ isOn: true, trouble: null });
  expect(tracks.map(({ isStopped }) => isStopped)).toEqual([true, false]);
});
