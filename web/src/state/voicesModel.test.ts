import { expect, test } from "vitest";
import type { VoiceState } from "../rtc/voiceMessages";
import type { Notice } from "./call";
import { Value } from "./readable";
import { VoicesModel } from "./voicesModel";

function setUp() {
  const told: Notice[] = [];
  const hosting = new Value({ canModerate: true });
  const model = new VoicesModel({
    ownStreamId: "web_me",
    hosting,
    announce: (notice) => told.push(notice),
    nameOf: (id) => (id === 1 ? "Anna L." : null),
  });
  let drawn = 0;
  model.voices.subscribe(() => (drawn += 1));
  const hear = (state: VoiceState, speakerKey = "web_1", userId = 1, speech_s = 12.4) =>
    model.take({ kind: "voiceState", speakerKey, userId, speaker: "Label", state, speech_s });
  return { model, told, hosting, hear, drawn: () => drawn, warned: () => model.voices.value.map(({ streamId }) => streamId) };
}

test("a voice that becomes suspicious is marked, told of once, and cleared when it is well", () => {
  const { model, told, hear, warned } = setUp();
  hear("ok");
  expect(warned()).toEqual([]);
  hear("suspicious");
  expect(model.voices.value).toMatchObject([{ streamId: "web_1", userId: 1, speech_s: 12 }]);
  hear("suspicious", "web_1", 1, 20);
  expect(model.voices.value).toMatchObject([{ speech_s: 20 }]);
  expect(told).toEqual([{ kind: "voiceSuspicious", name: "Anna L." }]);
  hear("ok");
  expect(warned()).toEqual([]);
  hear("suspicious");
  expect(warned()).toEqual(["web_1"]);
  expect(told).toHaveLength(2);
});

test("voices that are well, or of which nothing is known, are neither told of nor drawn", () => {
  const { told, hear, drawn, warned } = setUp();
  hear("no_data");
  hear("ok");
  hear("ok", "web_2", 2);
  expect([warned(), told, drawn()]).toEqual([[], [], 0]);
});

test("whose name is not known goes by the server's label", () => {
  const { told, hear } = setUp();
  hear("suspicious", "web_9", 9);
  expect(told).toEqual([{ kind: "voiceSuspicious", name: "Label" }]);
});

test("a dismissal holds for all of a person's streams until a voice was well again, and touches nobody else", () => {
  const { model, told, hear, warned } = setUp();
  hear("suspicious");
  hear("suspicious", "web_1b", 1);
  hear("suspicious", "web_2", 2);
  model.voices.value[0]?.dismiss();
  expect(warned()).toEqual(["web_2"]);
  hear("suspicious", "web_1", 1, 40);
  hear("no_data");
  hear("suspicious");
  expect(warned()).toEqual(["web_2"]);
  hear("ok");
  hear("suspicious");
  expect(warned()).toEqual(["web_1", "web_2"]);
  expect(told).toHaveLength(4);
});

test("captions that are switched off and on again bring the mark back, but no second notice", () => {
  const { told, hear, warned } = setUp();
  hear("suspicious");
  hear("no_data");
  expect(warned()).toEqual([]);
  hear("suspicious");
  expect(warned()).toEqual(["web_1"]);
  expect(told).toHaveLength(1);
});

test("after an outage only what the server still says is shown, without a second notice", () => {
  const { model, told, hear, warned } = setUp();
  hear("suspicious");
  hear("suspicious", "web_2", 2);
  model.entered();
  expect(warned()).toEqual([]);
  hear("suspicious", "web_2", 2);
  expect(warned()).toEqual(["web_2"]);
  expect(told).toHaveLength(2);
});

test("who left is forgotten with everything about them", () => {
  const { model, told, hear, warned } = setUp();
  hear("suspicious");
  hear("suspicious", "web_2", 2);
  model.voices.value[0]?.dismiss();
  model.keepOnly(["web_2"]);
  expect(warned()).toEqual(["web_2"]);
  hear("suspicious");
  expect(warned()).toEqual(["web_2", "web_1"]);
  expect(told).toHaveLength(3);
});

test("nothing is said of one's own voice, nor to who is no moderator any more", () => {
  const { model, told, hosting, hear, warned } = setUp();
  hosting.set({ canModerate: false });
  hosting.set({ canModerate: true });
  hear("suspicious", "web_me", 5);
  expect(warned()).toEqual([]);
  hear("suspicious");
  hosting.set({ canModerate: false });
  expect(warned()).toEqual([]);
  expect(told).toHaveLength(1);
  model.close();
});

test("of a flood of voices only so many are kept", () => {
  const { hear, warned } = setUp();
  for (let voice = 0; voice < 1100; voice += 1) hear("suspicious", `web_${voice}`, voice);
  expect(warned()).toHaveLength(1000);
});
