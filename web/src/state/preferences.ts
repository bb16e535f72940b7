/** What this browser remembers between visits: chosen devices, whether they were on, and how captions are shown. */

export type CaptionSize = "small" | "medium" | "large";

export type Preferences = {
  readonly cameraId: string | null;
  readonly microphoneId: string | null;
  readonly speakerId: string | null;
  readonly isCameraOn: boolean;
  readonly isMuted: boolean;
  readonly showsCaptions: boolean;
  readonly captionSize: CaptionSize;
};

const KEY = "salon.devices";
const UNKNOWN: Preferences = {
  cameraId: null,
  microphoneId: null,
  speakerId: null,
  isCameraOn: true,
  isMuted: false,
  showsCaptions: true,
  captionSize: "medium",
};

/** Reads and writes the preferences; without storage they last as long as the page. */
export class PreferenceStore {
  readonly #storage: Pick<Storage, "getItem" | "setItem"> | null;
  #preferences: Preferences;

  constructor(storage: Pick<Storage, "getItem" | "setItem"> | null) {
    this.#storage = storage;
    this.#preferences = parse(storage);
  }

  get preferences(): Preferences {
    return this.#preferences;
  }

  remember(change: Partial<Preferences>): void {
    this.#preferences = { ...this.#preferences, ...change };
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.#preferences));
    } catch {
      // Storage is switched off or full: remembered until the page goes.
    }
  }
}

function parse(storage: Pick<Storage, "getItem"> | null): Preferences {
  try {
    const stored: unknown = JSON.parse(storage?.getItem(KEY) ?? "{}");
    if (typeof stored !== "object" || stored === null) return UNKNOWN;
    const read = new Map<string, unknown>(Object.entries(stored));
    const id = (name: string): string | null => {
      const value = read.get(name);
      return typeof value === "string" && value !== "" ? value : null;
    };
    return {
      cameraId: id("cameraId"),
      microphoneId: id("microphoneId"),
      speakerId: id("speakerId"),
      isCameraOn: read.get("isCameraOn") !== false,
      isMuted: read.get("isMuted") === true,
      showsCaptions: read.get("showsCaptions") !== false,
      captionSize: sizeOf(read.get("captionSize")),
    };
  } catch {
    return UNKNOWN; // Switched off, or not ours.
  }
}

function sizeOf(value: unknown): CaptionSize {
  return value === "small" || value === "large" ? value : "medium";
}
