import { expect, test } from "vitest";
import { ApiError } from "../api/http";
import type { TranscriptLine, TranscriptPage, VoiceNote } from "../api/transcripts";
import { settle } from "../testing/fakeClock";
import { ConsentModel } from "./consentModel";
import { MinutesModel } from "./minutesModel";
import { TranscriptModel } from "./transcriptModel";

function line(id: string): TranscriptLine {
  return { id, userId: 1, speaker: "Anna", startedAt: new Date(0), endedAt: new Date(0), text: id, language: "en", words: [] };
}

function note(at_ms: number): VoiceNote {
  return { userId: 1, speaker: "Anna", isSuspicious: true, at: new Date(at_ms) };
}

function page(total: number, ...ids: string[]): TranscriptPage {
  return { title: "Weekly", startedAt: new Date(0), lines: ids.map(line), total, pageSize: 2, canDelete: true };
}

function setUp(answers: readonly (TranscriptPage | ApiError)[], removal: ApiError | null = null, notes: readonly VoiceNote[] | ApiError = []) {
  const asked: unknown[] = [];
  const askedOfVoices: number[] = [];
  const model = new TranscriptModel(
    {
      lines: (...details) => {
        asked.push(details);
        const answer = answers[asked.length - 1] ?? new ApiError("network", 0, "No connection.");
        return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
      },
      voices: (meetingId) => {
        askedOfVoices.push(meetingId);
        return notes instanceof ApiError ? Promise.reject(notes) : Promise.resolve(notes);
      },
      remove: () => (removal === null ? Promise.resolve() : Promise.reject(removal)),
    },
    () => Promise.resolve({ meetingId: 7, recording: { id: "r1", within: { from: new Date(0), to: new Date(9) } } }),
  );
  return { model, asked, askedOfVoices, now: () => model.state.value };
}

test("a long transcript comes page by page until it is whole", async () => {
  const { model, asked, now } = setUp([page(3, "a", "b"), page(3, "c")]);
  model.open();
  expect(now()).toMatchObject({ state: "loading", isBusy: true, canDelete: false });
  await settle();
  expect(now()).toMatchObject({ state: "ready", title: "Weekly", isBusy: false, canDelete: true });
  expect(now().lines.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  const within = { from: new Date(0), to: new Date(9) };
  expect(asked).toEqual([
    [7, 1, within],
    [7, 2, within],
  ]);
  expect(model.fileUrl("vtt")).toContain("recording_id=r1");
});

test("a transcript that is promised longer than it is ends all the same", async () => {
  const { model, asked, now } = setUp([page(9, "a"), page(9)]);
  model.open();
  await settle();
  expect(asked).toHaveLength(2);
  expect(now()).toMatchObject({ state: "ready", isBusy: false });
});

test.each([
  [page(0), { state: "none", problem: null }],
  [new ApiError("refused", 404, "none"), { state: "none", problem: null }],
  [new ApiError("network", 0, ""), { state: "failed", problem: { kind: "network" } }],
])("nothing to show %#", async (answer, state) => {
  const { model, now } = setUp([answer]);
  model.open();
  await settle();
  expect(now()).toMatchObject(state);
});

test("who left the page is told nothing any more", async () => {
  const { model, now } = setUp([page(1, "a")]);
  model.open()();
  await settle();
  expect(now().lines).toEqual([]);
});

test("what was noted of voices is asked for once the transcript is there, and of a recording only what lies within it", async () => {
  const { model, askedOfVoices, now } = setUp([page(1, "a")], null, [note(-5), note(5), note(15)]);
  model.open();
  await settle();
  expect(askedOfVoices).toEqual([7]);
  expect(now()).toMatchObject({ state: "ready", notes: [note(5)] });
  await model.remove();
  expect(now().notes).toEqual([]);
});

test("who may not delete does not ask for it, nor does anybody where there is no transcript", async () => {
  for (const answer of [{ ...page(1, "a"), canDelete: false }, page(0), new ApiError("refused", 404, "none")]) {
    const { model, askedOfVoices } = setUp([answer], null, [note(5)]);
    model.open();
    await settle();
    expect(askedOfVoices).toEqual([]);
  }
});

test.each([403, 404, 500, 501, 503])("a transcript is read as ever where voices answer %i", async (status) => {
  const { model, now } = setUp([page(1, "a")], null, new ApiError("refused", status, "no"));
  model.open();
  await settle();
  expect(now()).toMatchObject({ state: "ready", problem: null, isBusy: false, notes: [] });
});

test("a deleted transcript is gone; who may not delete hears the server's words", async () => {
  const allowed = setUp([page(1, "a")]);
  allowed.model.open();
  await settle();
  expect(await allowed.model.remove()).toMatchObject({ ok: true });
  expect(allowed.now()).toMatchObject({ state: "none", lines: [] });
  const refused = setUp([page(1, "a")], new ApiError("refused", 403, "Only the host may."));
  refused.model.open();
  await settle();
  expect(await refused.model.remove()).toEqual({ ok: false, problem: { kind: "invalid", detail: "Only the host may." } });
  expect(refused.now().lines).toHaveLength(1);
});

test("minutes without a transcript are none, and a fault is one", async () => {
  const minutesAfter = async (error: ApiError) => {
    const model = new MinutesModel({ minutes: () => Promise.reject(error) }, 7);
    model.reload();
    await settle();
    return model.state.value;
  };
  expect(await minutesAfter(new ApiError("refused", 404, ""))).toEqual({ state: "none" });
  expect(await minutesAfter(new ApiError("refused", 500, ""))).toMatchObject({ state: "failed", problem: { kind: "server" } });
});

test("consent is shown as the server keeps it, and a refusal changes nothing", async () => {
  const off = { isGiven: false, isAllowedHere: true, changedAt: null };
  const answers = { mood: () => Promise.resolve(off), setMood: (isGiven: boolean) => Promise.resolve({ ...off, isGiven, changedAt: new Date(5) }) };
  const model = new ConsentModel(answers);
  model.reload();
  await settle();
  expect(await model.setMood(true)).toEqual({ ok: true, value: null });
  expect(model.state.value).toMatchObject({ mood: { isGiven: true, changedAt: new Date(5) } });
  const forbidden = new ConsentModel({ ...answers, setMood: () => Promise.reject(new ApiError("refused", 403, "Not on this server.")) });
  forbidden.reload();
  await settle();
  expect(await forbidden.setMood(true)).toMatchObject({ problem: { kind: "invalid", detail: "Not on this server." } });
  expect(forbidden.state.value).toMatchObject({ mood: { isGiven: false } });
});
