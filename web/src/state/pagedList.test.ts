import { describe, expect, test } from "vitest";
import { ApiError } from "../api/http";
import { FakeClock, settle } from "../testing/fakeClock";
import { PagedListModel } from "./pagedList";

type Answer = { resolve: (items: string[], total?: number) => void; reject: (error: unknown) => void; query: string; page: number };

function listOf() {
  const clock = new FakeClock();
  const asked: Answer[] = [];
  const fetch = (query: string, page: number) =>
    new Promise<{ items: string[]; total: number; hasMore: boolean }>((resolve, reject) => {
      asked.push({ query, page, reject, resolve: (items, total = items.length) => resolve({ items, total, hasMore: total > page * 2 }) });
    });
  return { clock, asked, model: new PagedListModel<string, string>(fetch, clock, "") };
}

describe("a list of pages", () => {
  test("loads, and turns the pages", async () => {
    const { model, asked } = listOf();
    expect(model.list.value).toMatchObject({ state: "loading", items: [] });
    model.reload();
    asked[0]?.resolve(["a", "b"], 3);
    await settle();
    expect(model.list.value).toMatchObject({ state: "ready", isBusy: false, items: ["a", "b"], page: 1, total: 3, hasMore: true });
    model.go(2);
    expect(model.list.value).toMatchObject({ isBusy: true, items: ["a", "b"] });
    asked[1]?.resolve(["c"], 3);
    await settle();
    expect(model.list.value).toMatchObject({ items: ["c"], page: 2, hasMore: false });
  });

  test("asks once for what is typed quickly, from the first page", async () => {
    const { model, asked, clock } = listOf();
    model.go(2);
    for (const typed of ["a", "ad", "ada"]) {
      model.search(typed);
      await clock.pass(100);
    }
    expect(asked).toHaveLength(1);
    await clock.pass(250);
    expect(asked.slice(1).map(({ query, page }) => [query, page])).toEqual([["ada", 1]]);
    expect(model.list.value.query).toBe("ada");
  });

  test("throws away an answer to an older question", async () => {
    const { model, asked, clock } = listOf();
    model.reload();
    model.search("bo");
    asked[0]?.resolve(["old"]);
    await clock.pass(250);
    expect(model.list.value.items).toEqual([]);
    asked[1]?.resolve(["new"]);
    await settle();
    model.reload();
    model.reload();
    asked[3]?.resolve(["newest"]);
    asked[2]?.reject(new ApiError("network", 0, ""));
    await settle();
    expect(model.list.value).toMatchObject({ state: "ready", items: ["newest"] });
  });

  test("says what went wrong, and tries again", async () => {
    const { model, asked } = listOf();
    model.reload();
    asked[0]?.reject(new ApiError("refused", 403, "Not you."));
    await settle();
    expect(model.list.value).toMatchObject({ state: "failed", problem: { kind: "forbidden", detail: "Not you." } });
    model.reload();
    expect(model.list.value).toMatchObject({ state: "loading", problem: null });
    asked[1]?.resolve(["a"]);
    await settle();
    expect(model.list.value).toMatchObject({ state: "ready", items: ["a"] });
  });

  test("goes back when the last entry of the last page is gone", async () => {
    const { model, asked } = listOf();
    model.go(2);
    asked[0]?.resolve([], 2);
    await settle();
    asked[1]?.resolve(["a", "b"], 2);
    await settle();
    expect(model.list.value).toMatchObject({ page: 1, items: ["a", "b"], isBusy: false });
  });
});
