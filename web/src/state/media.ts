/** The devices of this person: one camera, one microphone, one speaker, before and in a call. */

import type { DeviceTrouble } from "../rtc/devices";
import type { Readable } from "./readable";

export type DeviceChoice = {
  readonly id: string;
  /** Empty until the browser may tell it: number the devices then. */
  readonly label: string;
};

/** A list to choose from. `selectedId` is null when the system's default is in use. */
export type DevicePicker = {
  readonly devices: readonly DeviceChoice[];
  readonly selectedId: string | null;
  /** Absent: this browser cannot choose (as Firefox and Safari for speakers). */
  readonly select?: (id: string) => void;
};

export type { DeviceTrouble };

/** Why a device may not be switched on: the meeting goes without it, or a moderator holds it. */
export type BlockReason = "off" | "held";

export type Microphone = {
  readonly isMuted: boolean;
  readonly isStarting: boolean;
  readonly trouble: DeviceTrouble | null;
  /** Absent: not possible now. */
  readonly toggle?: () => void;
  readonly blocked?: BlockReason;
  readonly picker: DevicePicker;
};

export type Camera = {
  readonly isOn: boolean;
  readonly isStarting: boolean;
  readonly trouble: DeviceTrouble | null;
  readonly toggle?: () => void;
  readonly blocked?: BlockReason;
  readonly picker: DevicePicker;
  /** The own picture, without sound; null while the camera is off. Draw it mirrored. */
  readonly video: MediaStream | null;
};

export type Speaker = { readonly picker: DevicePicker };

export interface LocalMedia {
  readonly microphone: Readable<Microphone>;
  readonly camera: Readable<Camera>;
  readonly speaker: Readable<Speaker>;
  /** Loudness at the microphone, 0 to 1, some 20 times a second; 0 while muted. */
  readonly level: Readable<number>;
  /** The browser is showing its question now. */
  readonly isAsking: Readable<boolean>;
  /** Tries again to open what has trouble. */
  retry(): void;
}
