import { expect, test } from "vitest";
import { AdminApi } from "../api/admin";
import { ApiError, type Http } from "../api/http";
import { FakeClock, settle } from "../testing/fakeClock";
import { AiModel } from "./aiModel";

const ANSWER = {
  models: [
    { use: "captions", name: "whisper-base", title: "Whisper base", is_remote: false, ready: true, problem: null },
    { use: "recordings", name: "open", title: "Open", is_remote: true, ready: false, problem: "Run: salon models pull open" },
  ],
  pools: [
    {
      use: "captions",
      workers: 2,
      busy: 1,
      waiting: 3,
      done: 7,
      refused: 1,
      failed: 2,
      restarts: 1,
      audio_s: 20.5,
      real_time_factor: 0.25,
      latency_p50_s: 0.8,
      latency_p95_s: null,
    },
  ],
  captions: { meetings: 1, waiting: 2, lines: 9, lag_p50_s: 1.2, lag_p95_s: 1.9, late_s: 4.5, failed_s: 0 },
};

function feed() {
  const clock = new FakeClock();
  const server = { isDown: false, answer: ANSWER as unknown };
  const http = {
    data: (path: string) =>
      server.isDown || path !== "/api/v1/admin/ai"
        ? Promise.reject(new ApiError("network", 0, ""))
        : Promise.resolve(server.answer),
  };
  const sight = Object.assign(new EventTarget(), { hidden: false });
  return { clock, server, model: new AiModel(new AdminApi(http as unknown as Http), clock, sight as never) };
}

test("what the models do is read as the server tells it", async () => {
  const { model } = feed();
  const stop = model.start();
  await settle();
  const { figures, problem } = model.reading.value;
  expect(problem).toBeNull();
  expect(figures?.models.map(({ use, isRemote, problem: why }) => [use, isRemote, why])).toEqual([
    ["captions", false, null],
    ["recordings", true, "Run: salon models pull open"],
  ]);
  expect(figures?.pools[0]).toMatchObject({ workers: 2, busy: 1, realTimeFactor: 0.25, latencyP50_s: 0.8, latencyP95_s: null });
  expect(figures?.captions).toEqual({ meetings: 1, waiting: 2, lines: 9, lagP50_s: 1.2, lagP95_s: 1.9, late_s: 4.5, failed_s: 0 });
  stop();
});

test("old figures stay in sight while the server does not answer, and new ones take their place", async () => {
  const { clock, server, model } = feed();
  const stop = model.start();
  await settle();
  server.isDown = true;
  await clock.pass(3000);
  expect(model.reading.value.problem?.kind).toBe("network");
  expect(model.reading.value.figures?.captions.lines).toBe(9);
  server.isDown = false;
  server.answer = { ...ANSWER, captions: { ...ANSWER.captions, lines: 12 } };
  await clock.pass(3000);
  expect(model.reading.value).toMatchObject({ problem: null, figures: { captions: { lines: 12 } } });
  stop();
});

test("an answer that breaks the contract is a problem, not a page without figures", async () => {
  const { server, model } = feed();
  server.answer = { models: [], pools: [{ use: "captions" }], captions: {} };
  const stop = model.start();
  await settle();
  expect(model.reading.value.problem).not.toBeNull();
  expect(model.reading.value.figures).toBeNull();
  stop();
});
