import { expect, test } from "vitest";
import type { SessionInfo } from "../rtc/messages";
import { Roster } from "./roster";

function session(peerId: string, change: Partial<SessionInfo> = {}): SessionInfo {
  const media = { audio: false, video: false, screen: false };
  const free = { role: null, audioBlock: "free", videoBlock: "free" } as const;
  return { sessionId: `s-${peerId}`, peerId, userId: 1, username: peerId, nickname: "", avatarUrl: null, isSelf: false, media, ...free, ...change };
}

const NEVER = () => false;
const order = (roster: Roster) => roster.members.map(({ peerId }) => peerId);

test("the order is that of arrival, whatever order the server lists", () => {
  const roster = new Roster();
  roster.replace([session("ann"), session("me", { isSelf: true })], 0, NEVER);
  roster.replace([session("bob"), session("cid"), session("ann")], 0, NEVER);
  expect(order(roster)).toEqual(["ann", "bob", "cid"]);
  const change = roster.replace([session("cid"), session("ann"), session("dan")], 0, NEVER);
  expect(order(roster)).toEqual(["ann", "cid", "dan"]);
  expect(change.gone.map(({ peerId }) => peerId)).toEqual(["bob"]);
  expect(change.arrived.map(({ peerId }) => peerId)).toEqual(["dan"]);
});

test("who ever told of a microphone is believed when it is off", () => {
  const roster = new Roster();
  roster.replace([session("ann"), session("bob")], 0, NEVER);
  roster.apply("ann", "unmute");
  roster.apply("ann", "mute");
  roster.apply("nobody", "mute");
  expect(roster.members.map(({ tells }) => tells.audio)).toEqual([true, false]);
  roster.replace([session("ann"), session("bob")], 0, NEVER);
  expect(roster.members.map(({ tells }) => tells.audio)).toEqual([true, false]);
});

test("whose line broke keeps their place, and is no news when they return", () => {
  const roster = new Roster();
  roster.replace([session("ann"), session("bob"), session("cid")], 0, NEVER);
  const broken = roster.replace([session("bob"), session("cid")], 1000, ({ peerId }) => peerId === "ann");
  expect(broken).toEqual({ arrived: [], gone: [] });
  expect(roster.members.map(({ awaySince_ms }) => awaySince_ms)).toEqual([1000, null, null]);
  roster.replace([session("bob")], 1500, NEVER);
  expect(order(roster)).toEqual(["ann", "bob"]);
  expect(roster.replace([session("bob"), session("ann")], 2000, NEVER)).toEqual({ arrived: [], gone: [] });
  expect(order(roster)).toEqual(["ann", "bob"]);
  expect(roster.expire(2000)).toEqual([]);
});

test("who does not return is let go, and only they", () => {
  const roster = new Roster();
  roster.replace([session("ann"), session("bob"), session("cid")], 0, NEVER);
  roster.replace([session("bob"), session("cid")], 1000, () => true);
  roster.replace([session("cid")], 3000, () => true);
  expect(roster.expire(1000).map(({ peerId }) => peerId)).toEqual(["ann"]);
  expect(order(roster)).toEqual(["bob", "cid"]);
});
