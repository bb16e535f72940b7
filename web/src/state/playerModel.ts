/** Loads a recording, decides what is played of it, and waits for the film. */

import type { RecordingsApi, RenditionView, TimelineView } from "../api/recordings";
import type { Clock } from "../rtc/clock";
import { Playback } from "./playback";
import type { Download, Player, PlayerState, Source } from "./player";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";
import { pictureOf } from "./timeline";

const LOOK_AGAIN_MS = 4000;
const NAMES = { composite: "film", mix: "sound", tracks: "tracks" } as const;

export class PlayerModel implements Player {
  readonly playback: Playback;
  readonly #api: Pick<RecordingsApi, "timeline">;
  readonly #id: string;
  readonly #clock: Clock;
  readonly #state = new Value<PlayerState>({
    state: "loading",
    problem: null,
    timeline: null,
    source: { kind: "none" },
    filmProgress: null,
    filmError: "",
    canSwitch: false,
    downloads: [],
  });
  #film: string | null = null;
  #isOpen = false;
  #cancelWait: () => void = () => undefined;

  constructor(api: Pick<RecordingsApi, "timeline">, id: string, clock: Clock) {
    this.#api = api;
    this.#id = id;
    this.#clock = clock;
    this.playback = new Playback(clock);
  }

  get state(): Readable<PlayerState> {
    return this.#state;
  }

  open(): () => void {
    this.#isOpen = true;
    this.reload();
    return () => {
      this.#isOpen = false;
      this.#cancelWait();
      this.playback.close();
    };
  }

  reload(): void {
    this.#state.update((state) => ({ ...state, state: state.timeline === null ? "loading" : "ready", problem: null }));
    void this.#load();
  }

  switchToFilm(): void {
    const url = this.#film;
    if (url === null) return;
    this.playback.pause();
    this.#state.update((state) => ({ ...state, source: { kind: "film", url }, canSwitch: false }));
  }

  async #load(): Promise<void> {
    this.#cancelWait();
    try {
      this.#show(await this.#api.timeline(this.#id));
    } catch (error) {
      // A look that nobody asked for may fail unseen.
      if (this.#state.value.timeline === null) this.#state.update((state) => ({ ...state, state: "failed", problem: problemOf(error) }));
    }
    if (this.#isOpen && this.#state.value.filmProgress !== null) {
      this.#cancelWait = this.#clock.after(LOOK_AGAIN_MS, () => void this.#load());
    }
  }

  #show(view: TimelineView): void {
    const film = view.renditions.find(({ kind }) => kind === "composite");
    this.#film = film?.state === "ready" ? film.url : null;
    const before = this.#state.value;
    const source = this.#source(view);
    this.playback.setDuration(view.duration_s);
    this.#state.set({
      state: "ready",
      problem: null,
      timeline: pictureOf(view),
      source,
      filmProgress: film?.state === "pending" || film?.state === "processing" ? film.progress : null,
      filmError: film?.state === "failed" ? film.error : "",
      canSwitch: this.#film !== null && before.source.kind === "tracks",
      downloads: view.renditions.flatMap(download),
    });
  }

  /** What plays goes on playing: the picture does not change under somebody's eyes. */
  #source(view: TimelineView): Source {
    const now = this.#state.value.source;
    if (now.kind !== "none") return now;
    if (this.#film !== null) return { kind: "film", url: this.#film };
    return view.tracks.length > 0 && view.duration_s > 0 ? { kind: "tracks" } : { kind: "none" };
  }
}

function download({ kind, state, url, bytes }: RenditionView): Download[] {
  if (kind === "thumbnail" || url === null || state === "failed") return [];
  return [{ kind: NAMES[kind], url, bytes }];
}
