/** The {@link LocalMedia} of one visit. */

import { every, type Clock } from "../rtc/clock";
import type { Device, DeviceTrouble, Devices } from "../rtc/devices";
import { measure } from "../rtc/meter";
import { LocalDevice, type DeviceState } from "./localDevice";
import type { BlockReason, Camera, DevicePicker, LocalMedia, Microphone, Speaker } from "./media";
import type { PreferenceStore } from "./preferences";
import { Announcer, Value, type Happenings, type Readable } from "./readable";

/** A browser that has not answered by then is showing its question. */
const ASKING_AFTER_MS = 500;
/** Some browsers tell nothing of new devices; a look now and then is cheap. */
const LOOK_PERIOD_MS = 15_000;

/** A device that went while it was in use (`lost`), or did not start when the person switched it on. */
export type DeviceFault = { readonly device: "microphone" | "camera"; readonly trouble: DeviceTrouble };

/** Opens, watches and closes the devices of one visit. */
export class LocalMediaModel implements LocalMedia {
  readonly #devices: Devices;
  readonly #store: PreferenceStore;
  readonly #clock: Clock;
  readonly #microphoneDevice: LocalDevice;
  readonly #cameraDevice: LocalDevice;
  readonly #microphone: Value<Microphone>;
  readonly #camera: Value<Camera>;
  readonly #speaker: Value<Speaker>;
  readonly #level = new Value(0);
  readonly #isAsking = new Value(false);
  readonly #faults = new Announcer<DeviceFault>();
  readonly #endings: (() => void)[] = [];
  readonly #blocks: Record<"microphone" | "camera", BlockReason | null> = { microphone: null, camera: null };
  #speakers: readonly Device[] = [];
  #measured: MediaStreamTrack | null = null;
  #endMeter: () => void = () => undefined;
  #isClosed = false;

  constructor(devices: Devices, store: PreferenceStore, clock: Clock) {
    this.#devices = devices;
    this.#store = store;
    this.#clock = clock;
    const { preferences } = store;
    this.#microphoneDevice = new LocalDevice({
      open: (id) => devices.openMicrophone(id),
      isWanted: !preferences.isMuted,
      chosenId: preferences.microphoneId,
      staysOpen: true,
      onLost: () => this.#onLost("microphone"),
    });
    this.#cameraDevice = new LocalDevice({
      open: (id) => devices.openCamera(id),
      isWanted: preferences.isCameraOn,
      chosenId: preferences.cameraId,
      staysOpen: false,
      onLost: () => this.#onLost("camera"),
    });
    this.#microphone = new Value(this.#microphoneView());
    this.#camera = new Value(this.#cameraView(null));
    this.#speaker = new Value(this.#speakerView());
    this.#endings.push(
      this.#microphoneDevice.state.subscribe(() => this.#onMicrophone()),
      this.#cameraDevice.state.subscribe(() => this.#onCamera()),
      devices.whenChanged(() => void this.#look()),
      every(clock, LOOK_PERIOD_MS, () => void this.#look()),
    );
  }

  get microphone(): Readable<Microphone> {
    return this.#microphone;
  }

  get camera(): Readable<Camera> {
    return this.#camera;
  }

  get speaker(): Readable<Speaker> {
    return this.#speaker;
  }

  get level(): Readable<number> {
    return this.#level;
  }

  get isAsking(): Readable<boolean> {
    return this.#isAsking;
  }

  get faults(): Happenings<DeviceFault> {
    return this.#faults;
  }

  get microphoneTrack(): MediaStreamTrack | null {
    return this.#microphoneDevice.state.value.track;
  }

  get cameraTrack(): MediaStreamTrack | null {
    return this.#cameraDevice.state.value.track;
  }

  /** Opens what the person had on last time. */
  async start(): Promise<void> {
    await this.#look();
    const endAsking = this.#clock.after(ASKING_AFTER_MS, () => this.#isAsking.set(true));
    const { isWanted } = this.#cameraDevice.state.value;
    if (isWanted) await this.#openBoth();
    else await this.#microphoneDevice.open();
    endAsking();
    this.#isAsking.set(false);
    await this.#look(); // Names are known from now on.
  }

  retry(): void {
    const microphone = this.#microphoneDevice.state.value;
    const camera = this.#cameraDevice.state.value;
    const needsOpening = ({ track, trouble }: DeviceState): boolean => track === null || trouble !== null;
    if (needsOpening(microphone)) void this.#microphoneDevice.open().then(() => this.#look());
    if (needsOpening(camera) && camera.isWanted) void this.#cameraDevice.open().then(() => this.#look());
  }

  /** Switches a device off because somebody else said so: the next call starts as the person left it. */
  hush(kind: "microphone" | "camera"): void {
    const device = kind === "microphone" ? this.#microphoneDevice : this.#cameraDevice;
    void device.want(false);
  }

  /** Forbids switching a device on, and switches it off; null allows it again. */
  block(kind: "microphone" | "camera", reason: BlockReason | null): void {
    if (this.#blocks[kind] === reason) return;
    this.#blocks[kind] = reason;
    if (reason !== null) this.hush(kind);
    if (kind === "microphone") this.#microphone.set(this.#microphoneView());
    else this.#camera.set(this.#cameraView(this.#camera.value.video));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const end of this.#endings) end();
    this.#microphoneDevice.close();
    this.#cameraDevice.close();
    this.#endMeter();
  }

  /** Both in one question of the browser; each alone if they do not open together. */
  async #openBoth(): Promise<void> {
    const microphoneId = this.#microphoneDevice.state.value.chosenId;
    const cameraId = this.#cameraDevice.state.value.chosenId;
    const both = this.#devices.openBoth(microphoneId, cameraId);
    const microphone = both.then((opened) => opened.microphone, () => this.#devices.openMicrophone(microphoneId));
    const camera = both.then((opened) => opened.camera, () => this.#devices.openCamera(cameraId));
    await Promise.all([this.#microphoneDevice.adopt(() => microphone), this.#cameraDevice.adopt(() => camera)]);
  }

  async #look(): Promise<void> {
    try {
      const [microphones, cameras, speakers] = await Promise.all([
        this.#devices.list("microphone"),
        this.#devices.list("camera"),
        this.#devices.list("speaker"),
      ]);
      if (this.#isClosed) return;
      this.#microphoneDevice.setChoices(microphones);
      this.#cameraDevice.setChoices(cameras);
      this.#speakers = speakers;
      this.#speaker.set(this.#speakerView());
    } catch (error) {
      console.warn("salon: the devices could not be listed", error);
    }
  }

  #onMicrophone(): void {
    this.#microphone.set(this.#microphoneView());
    const { track, isWanted } = this.#microphoneDevice.state.value;
    if (track !== this.#measured) {
      this.#endMeter();
      this.#measured = track;
      this.#endMeter = track === null ? () => undefined : measure(track, this.#clock, (level) => this.#level.set(level));
    }
    if (track === null || !isWanted) this.#level.set(0);
  }

  #onCamera(): void {
    const { track } = this.#cameraDevice.state.value;
    const { video } = this.#camera.value;
    const isSame = (video?.getVideoTracks()[0] ?? null) === track;
    this.#camera.set(this.#cameraView(isSame ? video : track === null ? null : new MediaStream([track])));
  }

  #microphoneView(): Microphone {
    const state = this.#microphoneDevice.state.value;
    const isMuted = !state.isWanted || state.track === null;
    return {
      isMuted,
      isStarting: state.isStarting,
      trouble: state.trouble,
      ...switchOf(state, this.#blocks.microphone, () => this.#want("microphone", isMuted)),
      picker: picker(state, (id) => {
        this.#store.remember({ microphoneId: id });
        void this.#microphoneDevice.choose(id);
      }),
    };
  }

  #cameraView(video: MediaStream | null): Camera {
    const state = this.#cameraDevice.state.value;
    const isOn = state.isWanted && state.track !== null;
    return {
      isOn,
      isStarting: state.isStarting,
      trouble: state.trouble,
      ...switchOf(state, this.#blocks.camera, () => this.#want("camera", !isOn)),
      picker: picker(state, (id) => {
        this.#store.remember({ cameraId: id });
        void this.#cameraDevice.choose(id);
      }),
      video,
    };
  }

  #speakerView(): Speaker {
    const canChoose = "setSinkId" in HTMLMediaElement.prototype;
    const selectedId = this.#store.preferences.speakerId;
    const isThere = this.#speakers.some(({ id }) => id === selectedId);
    const select = (id: string): void => {
      this.#store.remember({ speakerId: id === "" ? null : id });
      this.#speaker.set(this.#speakerView());
    };
    return {
      picker: { devices: this.#speakers, selectedId: isThere ? selectedId : null, ...(canChoose ? { select } : {}) },
    };
  }

  #want(kind: "microphone" | "camera", isWanted: boolean): void {
    this.#remember(kind, isWanted);
    const device = kind === "microphone" ? this.#microphoneDevice : this.#cameraDevice;
    void device.want(isWanted).then(() => {
      const { trouble, track } = device.state.value;
      if (isWanted && track === null && trouble !== null) this.#faults.announce({ device: kind, trouble });
      return this.#look();
    });
  }

  #remember(kind: "microphone" | "camera", isOn: boolean): void {
    this.#store.remember(kind === "microphone" ? { isMuted: !isOn } : { isCameraOn: isOn });
  }

  /** What went off by itself comes back by the person's hand only, in the next call too. */
  #onLost(kind: "microphone" | "camera"): void {
    this.#remember(kind, false);
    this.#faults.announce({ device: kind, trouble: "lost" });
  }
}

type Switch = { readonly toggle?: () => void; readonly blocked?: BlockReason };

function switchOf(state: DeviceState, blocked: BlockReason | null, toggle: () => void): Switch {
  if (blocked !== null) return { blocked };
  return mayToggle(state) ? { toggle } : {};
}

/** While a device opens, and where the page may have none, there is nothing to toggle. */
function mayToggle({ isStarting, trouble }: DeviceState): boolean {
  return !isStarting && trouble !== "insecure";
}

function picker({ choices, chosenId, track }: DeviceState, choose: (id: string | null) => void): DevicePicker {
  const inUse = track?.getSettings().deviceId ?? chosenId;
  const isThere = choices.some(({ id }) => id === inUse);
  return {
    devices: choices,
    selectedId: isThere && inUse !== null ? inUse : null,
    select: (id) => choose(id === "" ? null : id),
  };
}
