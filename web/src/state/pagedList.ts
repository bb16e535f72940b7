/** A list on the server that is searched and looked at page by page. */

import type { Slice } from "../api/admin";
import type { Clock } from "../rtc/clock";
import { problemOf, type Problem } from "./problem";
import { Value, type Readable } from "./readable";

/** Long enough to type the next letter, too short to be waited for. */
const TYPING_MS = 250;

export type Listed<Query, Item> = {
  /** `loading` only while there is nothing to show yet. */
  readonly state: "loading" | "ready" | "failed";
  /** Something newer is on its way; what is shown is of before. */
  readonly isBusy: boolean;
  readonly problem: Problem | null;
  readonly query: Query;
  /** From 1. */
  readonly page: number;
  readonly items: readonly Item[];
  /** null: the server does not count. */
  readonly total: number | null;
  readonly hasMore: boolean;
};

export interface PagedList<Query, Item> {
  readonly list: Readable<Listed<Query, Item>>;
  /** Searches anew from the first page, as soon as nothing is typed for a moment. */
  search(query: Query): void;
  go(page: number): void;
  reload(): void;
}

type Fetch<Query, Item> = (query: Query, page: number) => Promise<Slice<Item>>;

/** The {@link PagedList} over a request. An answer that a newer question has overtaken is thrown away. */
export class PagedListModel<Query, Item> implements PagedList<Query, Item> {
  readonly #fetch: Fetch<Query, Item>;
  readonly #clock: Clock;
  readonly #list: Value<Listed<Query, Item>>;
  #asked = 0;
  #cancelWait: () => void = () => undefined;

  constructor(fetch: Fetch<Query, Item>, clock: Clock, query: Query) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#list = new Value<Listed<Query, Item>>({
      state: "loading",
      isBusy: true,
      problem: null,
      query,
      page: 1,
      items: [],
      total: null,
      hasMore: false,
    });
  }

  get list(): Readable<Listed<Query, Item>> {
    return this.#list;
  }

  search(query: Query): void {
    this.#asked += 1; // Whatever is on its way answers the old question.
    this.#list.update((list) => ({ ...list, query, page: 1, isBusy: true }));
    this.#cancelWait();
    this.#cancelWait = this.#clock.after(TYPING_MS, () => void this.#load(1));
  }

  go(page: number): void {
    void this.#load(page);
  }

  reload(): void {
    void this.#load(this.#list.value.page);
  }

  async #load(page: number): Promise<void> {
    this.#cancelWait();
    this.#asked += 1;
    const asked = this.#asked;
    this.#list.update((list) => ({ ...list, isBusy: true, state: list.state === "failed" ? "loading" : list.state, problem: null }));
    try {
      const slice = await this.#fetch(this.#list.value.query, page);
      if (asked !== this.#asked) return;
      if (slice.items.length === 0 && page > 1) {
        // The last entries of this page went away meanwhile.
        await this.#load(page - 1);
        return;
      }
      this.#list.update((list) => ({ ...list, ...slice, state: "ready", isBusy: false, page }));
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#list.update((list) => ({ ...list, state: "failed", isBusy: false, problem: problemOf(error) }));
    }
  }
}
