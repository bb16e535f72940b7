import { expect, test } from "vitest";
import { FakeClock } from "../testing/fakeClock";
import { FakeMedia } from "../testing/fakeMedia";
import { Playback } from "./playback";

/** Advances clock and elements together, in the steps of the controller. */
function setUp(duration_s: number) {
  const clock = new FakeClock();
  const playback = new Playback(clock);
  playback.setDuration(duration_s);
  const elements: FakeMedia[] = [];
  const add = (start_s: number, end_s: number, isSilent = false): FakeMedia => {
    const element = new FakeMedia();
    elements.push(element);
    playback.attach(element, { start_s, end_s, isSilent });
    return element;
  };
  const run = async (seconds: number): Promise<void> => {
    for (let step = 0; step < Math.round(seconds * 10); step += 1) {
      for (const element of elements) element.run(0.1);
      await clock.pass(100);
    }
  };
  return { playback, add, run };
}

test("parts start and end at their own times, and the position follows the sound", async () => {
  const { playback, add, run } = setUp(20);
  const ada = add(0, 20);
  const bo = add(5, 10);
  playback.play();
  await run(3);
  expect([ada.paused, bo.paused]).toEqual([false, true]);
  await run(4);
  expect(playback.position.value).toBeCloseTo(7, 0);
  expect(bo.paused).toBe(false);
  expect(Math.abs(bo.currentTime - (playback.position.value - 5))).toBeLessThan(0.3);
  await run(4);
  expect(bo.paused).toBe(true);
});

test("a part that drifts is led back by speed, and one far away jumps", async () => {
  const { playback, add, run } = setUp(60);
  const ada = add(0, 60);
  const bo = add(0, 60, true);
  playback.play();
  await run(1);
  bo.currentTime += 0.2;
  await run(0.2);
  expect(bo.playbackRate).toBeLessThan(1);
  await run(6);
  expect(Math.abs(bo.currentTime - ada.currentTime)).toBeLessThan(0.08);
  bo.currentTime += 3;
  await run(0.2);
  expect(Math.abs(bo.currentTime - ada.currentTime)).toBeLessThan(0.3);
});

test("all wait for what has not arrived, and go on without what never comes", async () => {
  const { playback, add, run } = setUp(60);
  const ada = add(0, 60);
  const bo = add(0, 60, true);
  playback.play();
  await run(1);
  bo.readyState = 1;
  await run(1);
  expect(playback.state.value).toMatchObject({ isPlaying: true, isWaiting: true });
  expect(ada.paused).toBe(true);
  const held_s = playback.position.value;
  await run(2);
  expect(playback.position.value).toBe(held_s);
  bo.readyState = 4;
  await run(1);
  expect(playback.state.value.isWaiting).toBe(false);
  expect(playback.position.value).toBeGreaterThan(held_s);
  bo.readyState = 1;
  await run(12);
  expect(playback.state.value.isWaiting).toBe(false);
  expect(ada.paused).toBe(false);
});

test("where nobody has anything the clock goes on alone, and the end stops it", async () => {
  const { playback, add, run } = setUp(6);
  add(0, 2);
  const late = add(4, 6);
  playback.play();
  await run(3);
  expect(playback.position.value).toBeCloseTo(3, 0);
  await run(2);
  expect(late.paused).toBe(false);
  await run(3);
  expect(playback.state.value.isPlaying).toBe(false);
  expect(playback.position.value).toBeCloseTo(6, 1);
  playback.play();
  expect(playback.position.value).toBe(0);
});

test("seeking places every part, also while paused, and stays within the recording", () => {
  const { playback, add } = setUp(30);
  const ada = add(0, 30);
  const bo = add(10, 20, true);
  playback.seek(15);
  expect([ada.currentTime, bo.currentTime]).toEqual([15, 5]);
  playback.skip(-100);
  expect(playback.position.value).toBe(0);
  playback.seek(100);
  expect(playback.position.value).toBe(30);
});

test("speed and volume reach all parts; pictures stay silent", async () => {
  const { playback, add, run } = setUp(30);
  const ada = add(0, 30);
  const picture = add(0, 30, true);
  playback.setRate(2);
  playback.play();
  await run(2);
  expect(playback.position.value).toBeCloseTo(4, 0);
  playback.setVolume(0.5);
  expect([ada.volume, ada.muted, picture.muted]).toEqual([0.5, false, true]);
  playback.toggleMuted();
  expect(ada.muted).toBe(true);
  playback.toggleMuted();
  expect([ada.muted, picture.muted]).toEqual([false, true]);
});
