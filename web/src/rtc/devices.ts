/** Cameras, microphones and speakers as the browser gives them, with its errors told apart. */

export type DeviceKind = "camera" | "microphone" | "speaker";

/** Why a device does not run. */
export type DeviceTrouble = "denied" | "notFound" | "inUse" | "insecure" | "lost" | "other";

/** Opening a device failed. */
export class DeviceError extends Error {
  readonly trouble: DeviceTrouble;

  constructor(trouble: DeviceTrouble, options?: ErrorOptions) {
    super(`device: ${trouble}`, options);
    this.name = "DeviceError";
    this.trouble = trouble;
  }
}

export type Device = { readonly id: string; readonly label: string };

/** As much of `navigator.mediaDevices` as the client needs. */
export type MediaDevicesLike = Pick<
  MediaDevices,
  "getUserMedia" | "getDisplayMedia" | "enumerateDevices" | "addEventListener" | "removeEventListener"
>;

const BROWSER_KINDS: Record<DeviceKind, MediaDeviceKind> = {
  camera: "videoinput",
  microphone: "audioinput",
  speaker: "audiooutput",
};

/** Two cores cannot encode one 720p picture and decode several others at the same time. */
const FEW_CORES = 4;

/** The devices of this computer. `mediaDevices` is missing where the page is not secure. */
export class Devices {
  readonly #mediaDevices: MediaDevicesLike | undefined;
  readonly #cores: number;

  constructor(mediaDevices: MediaDevicesLike | undefined, cores: number) {
    this.#mediaDevices = mediaDevices;
    this.#cores = cores;
  }

  get canShareScreen(): boolean {
    return typeof this.#mediaDevices?.getDisplayMedia === "function";
  }

  /** Opens a microphone; null asks for the system's default. Throws {@link DeviceError}. */
  async openMicrophone(deviceId: string | null): Promise<MediaStreamTrack> {
    const stream = await this.#open({ audio: microphoneWishes(deviceId) });
    return only(stream.getAudioTracks());
  }

  /** Opens a camera; null asks for the system's default. Throws {@link DeviceError}. */
  async openCamera(deviceId: string | null): Promise<MediaStreamTrack> {
    const stream = await this.#open({ video: cameraWishes(deviceId, this.#cores) });
    return only(stream.getVideoTracks());
  }

  /** Opens both with one question to the person; neither if one of them fails. Throws {@link DeviceError}. */
  async openBoth(
    microphoneId: string | null,
    cameraId: string | null,
  ): Promise<{ microphone: MediaStreamTrack; camera: MediaStreamTrack }> {
    const video = cameraWishes(cameraId, this.#cores);
    const stream = await this.#open({ audio: microphoneWishes(microphoneId), video });
    return { microphone: only(stream.getAudioTracks()), camera: only(stream.getVideoTracks()) };
  }

  /** Lets the person pick a screen; null if they changed their mind. Throws {@link DeviceError}. */
  async openScreen(): Promise<MediaStreamTrack | null> {
    if (this.#mediaDevices === undefined) throw new DeviceError("insecure");
    try {
      const stream = await this.#mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } } });
      const [track] = stream.getVideoTracks();
      if (track === undefined) throw new DeviceError("notFound");
      track.contentHint = "detail";
      return track;
    } catch (cause) {
      const trouble = troubleOf(cause);
      // Closing the picker looks the same as a refusal by policy; the person knows which it was.
      if (trouble === "denied") return null;
      throw cause instanceof DeviceError ? cause : new DeviceError(trouble, { cause });
    }
  }

  /** The devices there are. Ids and labels are empty until the person has let the page use one. */
  async list(kind: DeviceKind): Promise<Device[]> {
    const all = (await this.#mediaDevices?.enumerateDevices()) ?? [];
    return all
      .filter((device) => device.kind === BROWSER_KINDS[kind] && device.deviceId !== "")
      // Chromium repeats the default device under these names; "System default" is ours to offer.
      .filter((device) => device.deviceId !== "default" && device.deviceId !== "communications")
      .map((device) => ({ id: device.deviceId, label: device.label }));
  }

  /** Calls `listener` when devices come or go. The answer ends it. */
  whenChanged(listener: () => void): () => void {
    this.#mediaDevices?.addEventListener("devicechange", listener);
    return () => this.#mediaDevices?.removeEventListener("devicechange", listener);
  }

  async #open(constraints: MediaStreamConstraints): Promise<MediaStream> {
    if (this.#mediaDevices === undefined) throw new DeviceError("insecure");
    try {
      return await this.#mediaDevices.getUserMedia(constraints);
    } catch (cause) {
      throw new DeviceError(troubleOf(cause), { cause });
    }
  }
}

/** What a browser's error means for the person. */
export function troubleOf(error: unknown): DeviceTrouble {
  if (error instanceof DeviceError) return error.trouble;
  if (!(error instanceof Error)) return "other";
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError": // We only ever demand a device by its id.
      return "notFound";
    case "NotReadableError":
    case "AbortError":
      return "inUse";
    default:
      return "other";
  }
}

function microphoneWishes(deviceId: string | null): MediaTrackConstraints {
  return { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...chosen(deviceId) };
}

function cameraWishes(deviceId: string | null, cores: number): MediaTrackConstraints {
  const isSmall = cores <= FEW_CORES;
  return {
    width: { ideal: isSmall ? 640 : 1280 },
    height: { ideal: isSmall ? 360 : 720 },
    frameRate: { ideal: isSmall ? 20 : 30, max: 30 },
    ...chosen(deviceId),
  };
}

function chosen(deviceId: string | null): { deviceId?: { exact: string } } {
  return deviceId === null ? {} : { deviceId: { exact: deviceId } };
}

function only(tracks: readonly MediaStreamTrack[]): MediaStreamTrack {
  const [track] = tracks;
  if (track === undefined) throw new DeviceError("notFound");
  return track;
}
