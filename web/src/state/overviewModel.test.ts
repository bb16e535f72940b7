import { expect, test } from "vitest";
import { ApiError } from "../api/http";
import { FakeClock, settle } from "../testing/fakeClock";
import { OverviewModel } from "./overviewModel";

const COUNTS = { scheduled: 1, active: 1, ended: 2, cancelled: 0 };

function feed() {
  const clock = new FakeClock();
  const server = { people: 2, isDown: false, asked: 0 };
  const sight = Object.assign(new EventTarget(), { hidden: false });
  const model = new OverviewModel(
    {
      figures: () => {
        server.asked += 1;
        if (server.isDown) return Promise.reject(new ApiError("network", 0, ""));
        return Promise.resolve({ rooms: 1, people: server.people, sessions: 3 });
      },
      rooms: () => Promise.resolve([]),
      meetingCounts: () => Promise.resolve(COUNTS),
      countAccounts: () => Promise.resolve(7),
    },
    clock,
    sight as never,
  );
  return { clock, server, sight, model };
}

test("figures are read again while somebody looks, and remembered", async () => {
  const { clock, server, model } = feed();
  const stop = model.start();
  await settle();
  expect(model.overview.value).toMatchObject({ state: "ready", figures: { people: 2, accounts: 7, meetings: COUNTS } });
  server.people = 5;
  await clock.pass(6000);
  expect(model.overview.value.trends.people).toEqual([2, 5, 5]);
  stop();
  await clock.pass(60_000);
  expect(server.asked).toBe(3);
});

test("nothing is asked while the page is out of sight, and at once when it is back", async () => {
  const { clock, server, sight, model } = feed();
  model.start();
  await settle();
  sight.hidden = true;
  await clock.pass(30_000);
  expect(server.asked).toBe(1);
  sight.hidden = false;
  sight.dispatchEvent(new Event("visibilitychange"));
  expect(server.asked).toBe(2);
});

test("a failure keeps the last figures and says that they are old", async () => {
  const { clock, server, model } = feed();
  server.isDown = true;
  model.start();
  await settle();
  expect(model.overview.value).toMatchObject({ state: "failed", figures: null, problem: { kind: "network" } });
  server.isDown = false;
  await clock.pass(3000);
  server.isDown = true;
  await clock.pass(3000);
  expect(model.overview.value).toMatchObject({ state: "ready", figures: { people: 2 }, problem: { kind: "network" } });
  server.isDown = false;
  await clock.pass(3000);
  expect(model.overview.value.problem).toBeNull();
});
