import { expect, test } from "vitest";
import { roomInfo } from "../testing/fakeSocket";
import { applyAction, parseServerMessage } from "./messages";

const parse = (message: unknown) => parseServerMessage(JSON.stringify(message));

test("ROOM_INFO gives sessions with their media state, and the ICE servers", () => {
  const message = parse(
    roomInfo([
      { user_id: 5, username: "ann", nickname: "Ann", avatar_url: "/avatars/a.webp", session_id: "s5", peer_id: "web_5", is_self: false, media: { audio: true } },
      { user_id: 6, username: "bob", avatar_url: "https://elsewhere.example/b.png", session_id: "s6", peer_id: "web_6", is_self: false },
    ]),
  );
  expect(message).toMatchObject({
    kind: "roomInfo",
    room: {
      sessionId: "session-1",
      iceServers: [{ urls: ["stun:127.0.0.1:8801"] }],
      sessions: [
        { peerId: "web_5", nickname: "Ann", avatarUrl: "/avatars/a.webp", media: { audio: true, video: false, screen: false } },
        { peerId: "web_6", nickname: "", avatarUrl: null, media: { audio: false, video: false, screen: false } },
      ],
    },
  });
});

test("a pushed offer carries the peer, the number and the description", () => {
  const offer = parse({ id: "m", type: 18, payload: { peer_id: "p", neg: 3, offer: { type: "offer", sdp: "v=0" } } });
  expect(offer).toEqual({ kind: "mediaOffer", peerId: "p", neg: 3, sdp: "v=0" });
});

test("types and actions of other clients are left aside", () => {
  expect(parse({ id: "m", type: 16, payload: {} })).toEqual({ kind: "other" });
  expect(parse({ id: "m", type: 10, payload: { action: "wave", peer_id: "p" } })).toEqual({ kind: "other" });
});

test.each([{}, { type: "8" }, { type: 14, payload: {} }, { type: 8, payload: { content: 5 } }, [], null, "x"])(
  "%j is refused",
  (message) => {
    expect(() => parse(message)).toThrow();
  },
);

test("actions switch one thing each", () => {
  const off = { audio: false, video: false, screen: false };
  expect(applyAction(off, "unmute")).toEqual({ ...off, audio: true });
  expect(applyAction({ ...off, screen: true }, "screen_off")).toEqual(off);
});
