/** Plays what the others say: one audio element for each track, outside of the page's tree. */

/** As much of an audio element as playing needs. */
export type AudioElementLike = Pick<HTMLAudioElement, "srcObject" | "play" | "pause"> & {
  setSinkId?: (id: string) => Promise<void>;
};

/** The sound of a call. */
export class RemoteAudio {
  readonly #create: () => AudioElementLike;
  readonly #onBlocked: (isBlocked: boolean) => void;
  readonly #elements = new Map<MediaStreamTrack, AudioElementLike>();
  readonly #silent = new Set<AudioElementLike>();
  #sinkId = "";

  constructor(create: () => AudioElementLike, onBlocked: (isBlocked: boolean) => void) {
    this.#create = create;
    this.#onBlocked = onBlocked;
  }

  /** Plays exactly these tracks from now on. */
  play(tracks: readonly MediaStreamTrack[]): void {
    for (const [track, element] of this.#elements) {
      if (tracks.includes(track)) continue;
      this.#elements.delete(track);
      this.#silent.delete(element);
      element.pause();
      element.srcObject = null;
    }
    for (const track of tracks) {
      if (this.#elements.has(track)) continue;
      const element = this.#create();
      this.#elements.set(track, element);
      element.srcObject = new MediaStream([track]);
      if (this.#sinkId !== "") this.#route(element);
      this.#start(element);
    }
    this.#tell();
  }

  /** Starts what the browser held back; to be called in a click. */
  unblock(): void {
    for (const element of [...this.#silent]) this.#start(element);
  }

  /** Sends the sound to a speaker; an empty text is the system's default. */
  setSpeaker(deviceId: string): void {
    if (deviceId === this.#sinkId) return;
    this.#sinkId = deviceId;
    for (const element of this.#elements.values()) this.#route(element);
  }

  close(): void {
    this.play([]);
  }

  #start(element: AudioElementLike): void {
    element.play().then(
      () => {
        this.#silent.delete(element);
        this.#tell();
      },
      (error: unknown) => {
        // An AbortError only says that the track went before it could play.
        const isHeldBack = error instanceof Error && error.name === "NotAllowedError";
        if (isHeldBack && [...this.#elements.values()].includes(element)) this.#silent.add(element);
        this.#tell();
      },
    );
  }

  #route(element: AudioElementLike): void {
    if (element.setSinkId === undefined) return;
    element.setSinkId(this.#sinkId).catch((error: unknown) => {
      // The speaker is gone: the browser keeps playing on the default one.
      console.warn("salon: the chosen speaker is not usable", error);
    });
  }

  #tell(): void {
    this.#onBlocked(this.#silent.size > 0);
  }
}
