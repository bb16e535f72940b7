import { beforeEach, expect, test } from "vitest";
import { settle } from "../testing/fakeClock";
import { RemoteAudio, type AudioElementLike } from "./remoteAudio";

let elements: (AudioElementLike & { isPlaying: boolean })[];
let routes: string[];
let isAllowed: boolean;
let blocked: boolean[];
let audio: RemoteAudio;

beforeEach(() => {
  elements = [];
  routes = [];
  isAllowed = true;
  blocked = [];
  audio = new RemoteAudio(
    () => {
      const element = {
        srcObject: null,
        isPlaying: false,
        play: () => {
          if (!isAllowed) return Promise.reject(new DOMException("click first", "NotAllowedError"));
          element.isPlaying = true;
          return Promise.resolve();
        },
        pause: () => {
          element.isPlaying = false;
        },
        setSinkId: (id: string) => {
          routes.push(id);
          return Promise.resolve();
        },
      };
      elements.push(element);
      return element;
    },
    (isBlocked) => blocked.push(isBlocked),
  );
});

const track = () => ({ kind: "audio" }) as MediaStreamTrack;

test("every track is played once and ends with its going", async () => {
  const [one, other] = [track(), track()];
  audio.play([one]);
  audio.play([one, other]);
  await settle();
  expect(elements.map(({ isPlaying }) => isPlaying)).toEqual([true, true]);
  audio.play([other]);
  expect(elements.map(({ isPlaying }) => isPlaying)).toEqual([false, true]);
  expect(blocked.at(-1)).toBe(false);
});

test("what the browser holds back plays after a click", async () => {
  isAllowed = false;
  audio.play([track()]);
  await settle();
  expect(blocked.at(-1)).toBe(true);
  isAllowed = true;
  audio.unblock();
  await settle();
  expect(blocked.at(-1)).toBe(false);
  expect(elements[0]?.isPlaying).toBe(true);
});

test("the sound goes to the chosen speaker, and back to the default one", () => {
  audio.play([track()]);
  expect(routes).toEqual([]);
  audio.setSpeaker("headphones");
  audio.setSpeaker("headphones");
  audio.play([track()]);
  audio.setSpeaker("");
  expect(routes).toEqual(["headphones", "headphones", ""]);
});
