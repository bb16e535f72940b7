import { beforeEach, expect, test } from "vitest";
import { Http } from "../api/http";
import { MeetingsApi } from "../api/meetings";
import { FakeClock, settle } from "../testing/fakeClock";
import { ChatModel } from "./chatModel";

let clock: FakeClock;
let stored: { id: number; message_id: string; user_id: number; username: string; content: string; created_at: string }[];
let isServerUp: boolean;
let isSignalingUp: boolean;
let sent: { id: string; text: string }[];
let toasts: string[];
let chat: ChatModel;

beforeEach(() => {
  clock = new FakeClock();
  stored = [];
  isServerUp = true;
  isSignalingUp = true;
  sent = [];
  toasts = [];
  let serial = 0;
  const http = new Http({ token: "t", onRefused: () => undefined }, (path) => {
    if (!isServerUp) return Promise.reject(new TypeError("no network"));
    const query = new URL(path, "http://salon").searchParams;
    const before = Number(query.get("before") ?? Infinity);
    const page = stored.filter(({ id }) => id < before).reverse().slice(0, Number(query.get("limit")));
    return Promise.resolve(Response.json({ code: 200, data: page }));
  });
  chat = new ChatModel({
    api: new MeetingsApi(http),
    meetingId: 7,
    myId: 1,
    clock,
    newId: () => `own-${(serial += 1)}`,
    transmit: (id, text) => {
      if (isSignalingUp) sent.push({ id, text });
      return isSignalingUp;
    },
    nameOf: (_, username) => username.toUpperCase(),
    avatarOf: (userId) => (userId === 1 ? null : `/avatars/${userId}.webp`),
    onUnread: (author, text) => toasts.push(`${author}: ${text}`),
  });
});

function store(id: number, userId: number, content: string, messageId = `m${id}`): void {
  const created_at = new Date(id * 1000).toISOString();
  stored.push({ id, message_id: messageId, user_id: userId, username: `user${userId}`, content, created_at });
}

const view = () => chat.chat.value;
const texts = () => view().lines.map(({ text, state }) => `${text} ${state}`);
const echo = (id: string, content: string) =>
  chat.receive({ id, userId: 1, username: "user1", content, sentAt: new Date(90_000) });

test("history comes oldest first, and older pages on request", async () => {
  for (let id = 1; id <= 60; id += 1) store(id, 2, `line ${id}`);
  await chat.entered();
  expect(view().lines).toHaveLength(50);
  expect(view().lines[0]).toMatchObject({ text: "line 11", author: "USER2", isMine: false });
  view().loadOlder?.();
  await settle();
  expect(view().lines[0]).toMatchObject({ text: "line 1" });
  expect(view().lines).toHaveLength(60);
  expect(view().loadOlder).toBeUndefined();
});

test("an own line shows at once and is sent when its echo comes, once", async () => {
  await chat.entered();
  view().send("  hello ");
  expect(texts()).toEqual(["hello sending"]);
  echo("own-1", "hello");
  expect(texts()).toEqual(["hello sent"]);
});

test("blank and over-long texts are not sent", () => {
  view().send("   ");
  view().send("x".repeat(2001));
  expect(sent).toEqual([]);
  expect(view().lines).toEqual([]);
});

test("without an echo a line fails, and can be sent again under the same id", async () => {
  view().send("hello");
  await clock.pass(11_000);
  expect(texts()).toEqual(["hello failed"]);
  view().lines[0]?.resend?.();
  expect(texts()).toEqual(["hello sending"]);
  expect(sent.map(({ id }) => id)).toEqual(["own-1", "own-1"]);
});

test("what was written without a connection goes out with the next one, but not twice", async () => {
  isSignalingUp = false;
  view().send("one");
  view().send("two");
  store(1, 1, "one", "own-1"); // This one had reached the server after all.
  isSignalingUp = true;
  await chat.entered();
  expect(sent).toEqual([{ id: "own-2", text: "two" }]);
});

test("lines missed during an outage appear with the way back", async () => {
  await chat.entered();
  store(1, 2, "where are you?");
  await chat.entered();
  expect(texts()).toEqual(["where are you? sent"]);
});

test("lines of others count as unread while the panel is closed, own ones never", () => {
  chat.receive({ id: "a", userId: 2, username: "ann", content: "hi", sentAt: new Date(0) });
  echo("other-tab", "from my other tab");
  expect(view().unread).toBe(1);
  expect(toasts).toEqual(["ANN: hi"]);
  view().setOpen(true);
  expect(view().unread).toBe(0);
  chat.receive({ id: "b", userId: 2, username: "ann", content: "again", sentAt: new Date(1) });
  expect(view().unread).toBe(0);
});

test("a history that does not load says so and can be tried again", async () => {
  isServerUp = false;
  await chat.entered();
  expect(view().history).toBe("failed");
  isServerUp = true;
  store(1, 2, "old");
  view().loadOlder?.();
  await settle();
  expect(view().history).toBe("ready");
  expect(texts()).toEqual(["old sent"]);
});

test("a refusal by the server fails the line on its way", () => {
  expect(chat.refused()).toBe(false);
  view().send("too fast");
  expect(chat.refused()).toBe(true);
  expect(texts()).toEqual(["too fast failed"]);
});
