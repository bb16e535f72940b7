import { beforeEach, expect, test } from "vitest";
import { DeviceError } from "../rtc/devices";
import { LocalDevice } from "./localDevice";

/** As much of a track as a device touches. */
class FakeTrack {
  enabled = true;
  isStopped = false;
  onended: (() => void) | null = null;
  stop(): void {
    this.isStopped = true;
  }
}

let opened: { id: string | null; track: FakeTrack }[];
let trouble: DeviceError | null;
let losses: number;

beforeEach(() => {
  opened = [];
  trouble = null;
  losses = 0;
});

function device(isWanted: boolean, staysOpen: boolean, chosenId: string | null = null): LocalDevice {
  return new LocalDevice({
    open: (id) => {
      if (trouble !== null && (trouble.trouble !== "notFound" || id !== null)) return Promise.reject(trouble);
      const track = new FakeTrack();
      opened.push({ id, track });
      return Promise.resolve(track as unknown as MediaStreamTrack);
    },
    isWanted,
    chosenId,
    staysOpen,
    onLost: () => (losses += 1),
  });
}

test("a microphone that is off is open but sends nothing, and is back at once", async () => {
  const microphone = device(false, true);
  await microphone.open();
  expect(opened[0]?.track.enabled).toBe(false);
  await microphone.want(true);
  expect(opened).toHaveLength(1);
  expect(opened[0]?.track.enabled).toBe(true);
});

test("a camera that is turned off goes dark", async () => {
  const camera = device(true, false);
  await camera.open();
  await camera.want(false);
  expect(opened[0]?.track.isStopped).toBe(true);
  expect(camera.state.value.track).toBeNull();
});

test("a lost microphone is off, and its replacement stays off until the person turns it on", async () => {
  const microphone = device(true, true);
  await microphone.open();
  opened[0]?.track.onended?.();
  expect(losses).toBe(1);
  expect(microphone.state.value).toMatchObject({ trouble: "lost", isWanted: false, track: null });
  await microphone.choose("other");
  expect(opened[1]).toMatchObject({ id: "other", track: { enabled: false } });
  expect(microphone.state.value.trouble).toBeNull();
});

test("choosing another microphone while muted does not unmute", async () => {
  const microphone = device(false, true);
  await microphone.open();
  await microphone.choose("other");
  expect(opened[1]?.track.enabled).toBe(false);
  expect(opened[0]?.track.isStopped).toBe(true);
});

test("a remembered device that is gone gives way to the default one", async () => {
  trouble = new DeviceError("notFound");
  const camera = device(true, false, "office");
  await camera.open();
  expect(opened).toMatchObject([{ id: null }]);
  expect(camera.state.value.chosenId).toBeNull();
});

test("a refusal is told, and opening again can mend it", async () => {
  trouble = new DeviceError("denied");
  const camera = device(true, false);
  await camera.open();
  expect(camera.state.value).toMatchObject({ trouble: "denied", isStarting: false });
  trouble = null;
  await camera.open();
  expect(camera.state.value.trouble).toBeNull();
});

test("a camera that opens after the person turned it off again is closed", async () => {
  const camera = device(true, false);
  const opening = camera.open();
  await camera.want(false);
  await opening;
  expect(opened[0]?.track.isStopped).toBe(true);
  expect(camera.state.value.track).toBeNull();
});
