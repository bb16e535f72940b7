import { expect, test } from "vitest";
import type { SessionInfo } from "../rtc/messages";
import { Roster } from "./roster";

function session(peerId: string, change: Partial<SessionInfo> = {}): SessionInfo {
  const media = { audio: false, video: false, screen: false };
  return { sessionId: `s-${peerId}`, peerId, userId: 1, username: peerId, nickname: "", isSelf: false, media, ...change };
}

const order = (roster: Roster) => roster.members.map(({ peerId }) => peerId);

test("the order is that of arrival, whatever order the server lists", () => {
  const roster = new Roster();
  roster.replace([session("ann"), session("me", { isSelf: true })]);
  roster.replace([session("bob"), session("cid"), session("ann")]);
  expect(order(roster)).toEqual(["ann", "bob", "cid"]);
  const change = roster.replace([session("cid"), session("ann"), session("dan")]);
  expect(order(roster)).toEqual(["ann", "cid", "dan"]);
  expect(change.gone.map(({ peerId }) => peerId)).toEqual(["bob"]);
  expect(change.arrived.map(({ peerId }) => peerId)).toEqual(["dan"]);
});

test("who ever told of a microphone is believed when it is off", () => {
  const roster = new Roster();
  roster.replace([session("ann"), session("bob")]);
  roster.apply("ann", "unmute");
  roster.apply("ann", "mute");
  roster.apply("nobody", "mute");
  expect(roster.members.map(({ tells }) => tells.audio)).toEqual([true, false]);
  roster.replace([session("ann"), session("bob")]);
  expect(roster.members.map(({ tells }) => tells.audio)).toEqual([true, false]);
});
