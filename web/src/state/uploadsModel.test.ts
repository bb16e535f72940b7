import { expect, test } from "vitest";
import { ApiError } from "../api/http";
import type { TransferListener } from "../api/tusUpload";
import { FakeClock } from "../testing/fakeClock";
import { UploadsModel } from "./uploadsModel";

type Sent = { name: string; listener: TransferListener; did: string[] };

function setUp() {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  let done = 0;
  const model = new UploadsModel(
    (file, listener) => {
      const entry: Sent = { name: file.name, listener, did: [] };
      sent.push(entry);
      return {
        start: () => void entry.did.push("start"),
        pause: () => void entry.did.push("pause"),
        cancel: () => Promise.resolve(void entry.did.push("cancel")),
      };
    },
    clock,
    () => (done += 1),
  );
  const of = (name: string): Sent => {
    const found = sent.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const files = (...names: string[]) => names.map((name) => new File(["x".repeat(100)], name));
  const states = () => model.list.value.map(({ name, state }) => [name, state]);
  return { model, clock, of, files, states, doneCount: () => done };
}

test("two go at once, and the next follows when one is done", () => {
  const { model, of, files, states, doneCount } = setUp();
  model.add(files("a", "b", "c"));
  expect(states()).toEqual([["a", "sending"], ["b", "sending"], ["c", "waiting"]]);
  of("a").listener.onDone();
  expect(states()).toEqual([["a", "done"], ["b", "sending"], ["c", "sending"]]);
  expect(doneCount()).toBe(1);
});

test("a paused upload gives its place away and goes on where it was", () => {
  const { model, of, files, states } = setUp();
  model.add(files("a", "b", "c"));
  model.pause(1);
  expect(states()).toEqual([["a", "paused"], ["b", "sending"], ["c", "sending"]]);
  of("a").listener.onProgress(50); // A late answer changes nothing.
  expect(model.list.value[0]?.sent_bytes).toBe(0);
  model.resume(1);
  expect(states()[0]).toEqual(["a", "waiting"]);
  of("b").listener.onDone();
  expect(of("a").did).toEqual(["start", "pause", "start"]);
});

test("what fails says why, lets the next go, and can be tried again", () => {
  const { model, of, files, states } = setUp();
  model.add(files("a", "b", "c"));
  of("a").listener.onFailed(new ApiError("refused", 413, "At most 100 MB."));
  expect(model.list.value[0]?.problem).toEqual({ kind: "invalid", detail: "At most 100 MB." });
  expect(states()[2]).toEqual(["c", "sending"]);
  of("b").listener.onFailed(new ApiError("network", 0, "No connection."));
  expect(model.list.value[1]?.problem?.kind).toBe("network");
  model.resume(2);
  expect(of("b").did).toEqual(["start", "start"]);
});

test("a cancelled upload is forgotten here and there; a finished one only here", () => {
  const { model, of, files, states } = setUp();
  model.add(files("a", "b"));
  of("b").listener.onDone();
  model.cancel(1);
  model.cancel(2);
  expect(states()).toEqual([]);
  expect(of("a").did).toEqual(["start", "cancel"]);
  expect(of("b").did).toEqual(["start"]);
});

test("the time that is left is guessed from this try alone, and not too early", async () => {
  const { model, clock, of, files } = setUp();
  model.add(files("a"));
  of("a").listener.onProgress(40); // From an earlier try.
  await clock.pass(1000);
  of("a").listener.onProgress(45);
  expect(model.list.value[0]?.left_s).toBeNull();
  await clock.pass(9000);
  of("a").listener.onProgress(60);
  expect(model.list.value[0]?.left_s).toBeCloseTo(20);
});
