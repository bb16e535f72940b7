/** Live figures of the server, asked for again and again while somebody looks. */

import type { AdminApi } from "../api/admin";
import type { Clock } from "../rtc/clock";
import type { Overview, OverviewFeed } from "./administration";
import { Polling, type Sight } from "./polling";
import { problemOf } from "./problem";
import { Value, type Readable } from "./readable";

/** Two minutes of them. */
const KEPT = 40;

type Source = Pick<AdminApi, "figures" | "rooms" | "meetingCounts" | "countAccounts">;

export class OverviewModel implements OverviewFeed {
  readonly #api: Source;
  readonly #polling: Polling;
  readonly #overview = new Value<Overview>({
    state: "loading",
    problem: null,
    figures: null,
    rooms: [],
    sampledAt: new Date(0),
    trends: { rooms: [], people: [], sessions: [] },
  });

  constructor(api: Source, clock: Clock, sight: Sight) {
    this.#api = api;
    this.#polling = new Polling(() => this.#load(), clock, sight);
  }

  get overview(): Readable<Overview> {
    return this.#overview;
  }

  start(): () => void {
    return this.#polling.start();
  }

  reload(): void {
    this.#polling.now();
  }

  async #load(): Promise<void> {
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
    }
  }
}
