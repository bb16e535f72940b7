import { beforeEach, expect, test } from "vitest";
import { FakeClock, settle } from "../testing/fakeClock";
import { FakeSocket, roomInfo } from "../testing/fakeSocket";
import type { ServerMessage } from "./messages";
import { Signaling } from "./signaling";

let clock: FakeClock;
let sockets: FakeSocket[];
let events: string[];
let messages: ServerMessage[];
let isWelcome: boolean;
let signaling: Signaling;

beforeEach(() => {
  clock = new FakeClock();
  sockets = [];
  events = [];
  messages = [];
  isWelcome = true;
  signaling = new Signaling({
    meetingId: 7,
    userId: 3,
    peerId: "web_me",
    clock,
    random: () => 0.5,
    openSocket: (path) => {
      const socket = new FakeSocket(path);
      sockets.push(socket);
      return socket;
    },
    readmit: () => Promise.resolve(isWelcome),
    listener: {
      onEntered: (room) => events.push(`entered ${room.sessionId}`),
      onMessage: (message) => messages.push(message),
      onLost: () => events.push("lost"),
      onEnded: (cause) => events.push(`ended ${cause}`),
    },
  });
});

function latest(): FakeSocket {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("no socket was opened");
  return socket;
}

function enter(): FakeSocket {
  signaling.start();
  const socket = latest();
  socket.accept();
  socket.receive(roomInfo());
  return socket;
}

test("says JOIN with its capabilities once open, and has entered with ROOM_INFO", () => {
  const socket = enter();
  expect(socket.path).toBe("/ws/signaling?user_id=3&meeting_id=7&peer_id=web_me");
  expect(socket.sent[0]).toMatchObject({ type: 4, payload: { capabilities: ["media_push", "lobby", "moderation", "meeting_state", "recording", "captions", "voices"], peer_id: "web_me" } });
  expect(events).toEqual(["entered session-1"]);
  expect(signaling.isUp).toBe(true);
});

test("a lost socket is replaced by one with the same peer id", async () => {
  enter().break();
  expect(events).toEqual(["entered session-1", "lost"]);
  await clock.pass(1000);
  expect(sockets).toHaveLength(2);
  expect(latest().path).toContain("peer_id=web_me");
  latest().accept();
  latest().receive(roomInfo());
  expect(events.at(-1)).toBe("entered session-1");
});

test("nothing is sent between losing a session and having another", () => {
  const socket = enter();
  expect(signaling.send(8, { content: "one" })).toBe(true);
  socket.break();
  expect(signaling.send(8, { content: "two" })).toBe(false);
});

test("an open socket without ROOM_INFO is given up and tried again", async () => {
  signaling.start();
  latest().accept();
  await clock.pass(9000);
  expect(sockets.length).toBeGreaterThan(1);
  expect(events).toEqual([]);
});

test("a silent network is noticed within 20 seconds, a talking one is kept", async () => {
  const socket = enter();
  for (let second = 0; second < 60; second += 5) {
    await clock.pass(5000);
    socket.receive({ id: "pong_1", type: 12, payload: null, timestamp: "2026-01-01T00:00:00Z" });
  }
  expect(events).toEqual(["entered session-1"]);
  expect(socket.types).toContain(11);
  await clock.pass(20_000);
  expect(events).toContain("lost");
});

test.each([
  [4001, "replaced"],
  [4003, "removed"],
  [4004, "ended"],
])("close code %i means %s and is final", async (code, cause) => {
  enter().break(code);
  await clock.pass(60_000);
  expect(events.at(-1)).toBe(`ended ${cause}`);
  expect(sockets).toHaveLength(1);
});

test("whose account is shut out is told so, not that the host did it", () => {
  enter().break(4003, "Your account was disabled");
  expect(events.at(-1)).toBe("ended disabled");
});

test("while the way back is refused, no socket is opened", async () => {
  const socket = enter();
  isWelcome = false;
  socket.break();
  await clock.pass(10_000);
  expect(sockets).toHaveLength(1);
  isWelcome = true;
  await clock.pass(4000);
  expect(sockets).toHaveLength(2);
});

test("hurry tries at once, and only while there is something to hurry", async () => {
  const socket = enter();
  signaling.hurry();
  expect(sockets).toHaveLength(1);
  socket.break();
  signaling.hurry();
  await settle();
  expect(sockets).toHaveLength(2);
  await clock.pass(500);
  expect(sockets).toHaveLength(2);
});

test("a frame that breaks the contract is left aside", () => {
  const socket = enter();
  const before = messages.length;
  socket.receiveText("{nonsense");
  socket.receiveText('{"type":"chat"}');
  socket.receive({ id: "x", type: 18, payload: { peer_id: 5 } });
  expect(messages).toHaveLength(before);
  expect(signaling.isUp).toBe(true);
});

test("closing says LEAVE and never comes back", async () => {
  const socket = enter();
  signaling.close();
  expect(socket.types.at(-1)).toBe(5);
  await clock.pass(60_000);
  expect(sockets).toHaveLength(1);
  expect(events).toEqual(["entered session-1"]);
});
