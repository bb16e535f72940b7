/** Live figures of the server, asked for again and again while somebody looks. */

import type { AdminApi } from "../api/admin";
import { every, type Clock } from "../rtc/clock";
import type { Overview, OverviewFeed } from "./administration";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";

const PERIOD_MS = 3000;
/** Two minutes of them. */
const KEPT = 40;

/** What says whether the page is in sight. */
export type Sight = Pick<Document, "hidden" | "addEventListener" | "removeEventListener">;
type Source = Pick<AdminApi, "figures" | "rooms" | "meetingCounts" | "countAccounts">;

export class OverviewModel implements OverviewFeed {
  readonly #api: Source;
  readonly #clock: Clock;
  readonly #sight: Sight;
  readonly #overview = new Value<Overview>({
    state: "loading",
    problem: null,
    figures: null,
    rooms: [],
    sampledAt: new Date(0),
    trends: { rooms: [], people: [], sessions: [] },
  });
  #isAsking = false;

  constructor(api: Source, clock: Clock, sight: Sight) {
    this.#api = api;
    this.#clock = clock;
    this.#sight = sight;
  }

  get overview(): Readable<Overview> {
    return this.#overview;
  }

  start(): () => void {
    const look = (): void => {
      if (!this.#sight.hidden) void this.#load();
    };
    look();
    const stop = every(this.#clock, PERIOD_MS, look);
    this.#sight.addEventListener("visibilitychange", look);
    return () => {
      stop();
      this.#sight.removeEventListener("visibilitychange", look);
    };
  }

  reload(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    if (this.#isAsking) return; // A slow server is not asked twice.
    this.#isAsking = true;
    try {
      const [live, rooms, meetings, accounts] = await Promise.all([
        this.#api.figures(),
        this.#api.rooms(),
        this.#api.meetingCounts(),
        this.#api.countAccounts(),
      ]);
      const figures = { ...live, meetings, accounts };
      this.#overview.update(({ trends }) => ({
        state: "ready",
        problem: null,
        figures,
        rooms,
        sampledAt: new Date(),
        trends: {
          rooms: [...trends.rooms, live.rooms].slice(-KEPT),
          people: [...trends.people, live.people].slice(-KEPT),
          sessions: [...trends.sessions, live.sessions].slice(-KEPT),
        },
      }));
    } catch (error) {
      this.#overview.update((overview) => ({
        ...overview,
        state: overview.figures === null ? "failed" : "ready",
        problem: problemOf(error),
      }));
    } finally {
      this.#isAsking = false;
    }
  }
}
