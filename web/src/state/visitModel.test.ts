import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Accounts } from "../api/accounts";
import { CaptionsApi } from "../api/captions";
import { Http } from "../api/http";
import { LobbyApi } from "../api/lobby";
import { MeetingsApi } from "../api/meetings";
import { ModerationApi } from "../api/moderation";
import { TranscriptsApi } from "../api/transcripts";
import { WebrtcApi } from "../api/webrtc";
import { Devices } from "../rtc/devices";
import { FakeClock, settle } from "../testing/fakeClock";
import { FakeConnection } from "../testing/fakeConnection";
import { FakeSocket, roomInfo } from "../testing/fakeSocket";
import type { Call, Notice } from "./call";
import { PreferenceStore } from "./preferences";
import { VisitModel } from "./visitModel";

const PERSON = { id: 5, username: "me", name: "Me", email: "me@example.org", avatarUrl: null, isGuest: false, rank: 1 };
const MEETING = { id: 7, title: "Round", start_time: "2026-01-01T00:00:00Z", end_time: "2026-01-01T01:00:00Z", status: 1 };

/** The page's own class takes no tracks but real ones. */
class FakeStream {
  readonly #tracks: readonly MediaStreamTrack[];
  constructor(tracks: readonly MediaStreamTrack[]) {
    this.#tracks = tracks;
  }
  getAudioTracks(): readonly MediaStreamTrack[] {
    return this.#tracks;
  }
}

let clock: FakeClock;
let sockets: FakeSocket[];
let asked: string[];
let connections: FakeConnection[];
let played: MediaStreamTrack[];
let refusals: Map<string, number>;
let visit: VisitModel;

/** The server's REST side: everything succeeds but what the test put into `refusals`. */
function answer(path: string, method: string): Response {
  const request = `${method} ${path}`;
  asked.push(request);
  const status = refusals.get(request) ?? 200;
  if (status !== 200) return Response.json({ message: "no" }, { status });
  if (path.endsWith("/join")) return Response.json({ data: { room_id: "room-7", meeting: MEETING } });
  if (path.endsWith("/profile")) return Response.json({ data: { id: 5, username: "me" } });
  if (path.endsWith("/webrtc/answer")) return Response.json({ peer_id: "media-1", answer: { type: "answer", sdp: "v=0" } });
  if (path.endsWith("/participants") || path.includes("/messages")) return Response.json({ data: [] });
  return Response.json({ data: MEETING });
}

beforeEach(() => {
  clock = new FakeClock();
  sockets = [];
  connections = [];
  played = [];
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
  vi.stubGlobal("MediaStream", FakeStream);
  asked = [];
  refusals = new Map();
  const bearer = { token: "token", onRefused: () => undefined };
  const http = new Http(bearer, (path, init) => Promise.resolve(answer(path, init.method ?? "GET")));
  visit = new VisitModel({
    services: {
      accounts: new Accounts(http),
      meetings: new MeetingsApi(http),
      lobby: new LobbyApi(http),
      moderation: new ModerationApi(http),
      captions: new CaptionsApi(http),
      transcripts: new TranscriptsApi(http),
      webrtc: new WebrtcApi(http),
      devices: new Devices(undefined, 8), // Without devices: one may watch and listen.
      clock,
      random: () => 0.5,
      newId: () => "id",
      peerId: "web_me",
      openSocket: (path) => {
        const socket = new FakeSocket(path);
        sockets.push(socket);
        return socket;
      },
      createConnection: () => {
        const connection = new FakeConnection();
        connections.push(connection);
        return connection as unknown as RTCPeerConnection;
      },
      createAudio: () => ({
        srcObject: null,
        play() {
          played.push(...(this.srcObject as MediaStream).getAudioTracks());
          return Promise.resolve();
        },
        pause: () => undefined,
      }),
      page: { window: new EventTarget(), document: new Document(), isOnline: () => true },
      onConnection: () => undefined,
    },
    preferences: new PreferenceStore(null),
    meetingId: 7,
    person: PERSON,
    origin: "https://salon.example.org",
  });
});

afterEach(() => {
  visit.close();
  vi.unstubAllGlobals();
});

async function join(): Promise<Call> {
  visit.start();
  await turn();
  const { value } = visit.state;
  if (value.stage !== "preJoin") throw new Error(`at ${value.stage}`);
  value.join();
  await turn();
  return call();
}

function call(): Call {
  const { value } = visit.state;
  if (value.stage !== "call") throw new Error(`at ${value.stage}`);
  return value.call;
}

/** Reading a response takes turns of the event loop, not only of promises. */
async function turn(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await settle();
  }
}

test("pressing rejoin twice brings one call back", async () => {
  const first = await join();
  first.leave();
  const { value } = visit.state;
  if (value.stage !== "left") throw new Error(`at ${value.stage}`);
  value.rejoin();
  value.rejoin();
  await turn();
  expect(call()).not.toBe(first);
  expect(sockets).toHaveLength(2);
  expect(asked.filter((request) => request.endsWith("/join"))).toHaveLength(2);
});

test.each([
  [400, "ended"],
  [403, "removed"],
  [401, "removed"],
  [404, "ended"],
])("a way back that is answered with %s is given up: %s", async (status, cause) => {
  await join();
  sockets[0]?.accept();
  refusals.set("POST /api/v1/meetings/7/join", status);
  sockets[0]?.break();
  await clock.pass(1000);
  await turn();
  expect(visit.state.value).toMatchObject({ stage: "left", cause });
});

test("a way back without a valid sign-in asks the account, not for ever the door", async () => {
  await join();
  refusals.set("POST /api/v1/meetings/7/join", 401).set("GET /api/v1/users/profile", 401);
  sockets[0]?.break();
  await clock.pass(1000);
  await turn();
  expect(asked).toContain("GET /api/v1/users/profile");
});

function session(peerId: string, userId: number, isSelf = false): Record<string, unknown> {
  const media = { audio: false, video: false, screen: false };
  return { session_id: `s-${peerId}`, peer_id: peerId, user_id: userId, username: peerId, is_self: isSelf, media };
}

const ME = session("web_me", 5, true);
const ANN = session("ann", 1);
const BOB = session("bob", 2);

const leaves = (peerId: string, cause: string) => ({
  id: "leave_1",
  type: 7,
  payload: { user_id: 1, username: peerId, peer_id: peerId, meeting_id: 7, cause },
});

const names = (): string[] => call().grid.value.tiles.map(({ name }) => name);

async function joinWith(...others: Record<string, unknown>[]): Promise<{ socket: FakeSocket; notices: Notice[] }> {
  const joined = await join();
  const notices: Notice[] = [];
  joined.notices.subscribe((notice) => notices.push(notice));
  const [socket] = sockets;
  if (socket === undefined) throw new Error("no socket");
  socket.accept();
  socket.receive(roomInfo([ME, ...others]));
  await turn();
  return { socket, notices };
}

/** Time with a server that answers pings. */
async function pass(socket: FakeSocket, duration_ms: number): Promise<void> {
  for (let passed_ms = 0; passed_ms < duration_ms; passed_ms += 1000) {
    socket.receive({ id: "pong_1", type: 12, payload: null });
    await clock.pass(1000);
  }
}

test("a line that breaks for a moment takes no tile and tells no news; one that stays broken does", async () => {
  const { socket, notices } = await joinWith(ANN, BOB);
  await pass(socket, 10_000);
  socket.receive(leaves("ann", "lost"));
  socket.receive(roomInfo([ME, BOB]));
  expect(names()).toEqual(["Me", "ann", "bob"]);
  expect(call().grid.value.tiles[1]?.isConnecting).toBe(true);
  await pass(socket, 1000);
  socket.receive(roomInfo([ME, BOB, ANN]));
  expect(call().grid.value.tiles[1]).toMatchObject({ name: "ann", isConnecting: false });
  await pass(socket, 6000);
  expect(names()).toEqual(["Me", "ann", "bob"]);
  expect(notices).toEqual([]);

  socket.receive(leaves("bob", "lost"));
  socket.receive(roomInfo([ME, ANN]));
  await pass(socket, 6000);
  expect(names()).toEqual(["Me", "ann"]);
  expect(notices).toEqual([{ kind: "left", name: "bob" }]);
});

test("the tile of somebody who leaves is gone at once", async () => {
  const { socket } = await joinWith(ANN, BOB);
  socket.receive(leaves("ann", "left"));
  socket.receive(roomInfo([ME, BOB]));
  expect(names()).toEqual(["Me", "bob"]);
});

test("after an outage everybody's tile waits in its place while they return one by one", async () => {
  const { socket, notices } = await joinWith(ANN, BOB);
  await pass(socket, 10_000);
  socket.break();
  await clock.pass(1000);
  await turn();
  const again = sockets[1];
  again?.accept();
  again?.receive(roomInfo([ME]));
  expect(names()).toEqual(["Me", "ann", "bob"]);
  await clock.pass(500);
  again?.receive(roomInfo([ME, BOB]));
  await clock.pass(6000);
  expect(names()).toEqual(["Me", "bob"]);
  expect(notices).toEqual([{ kind: "left", name: "ann" }]);
  again?.receive(leaves("bob", "left"));
  again?.receive(roomInfo([ME]));
  expect(names()).toEqual(["Me"]);
});

test("one hears the others, not oneself from another tab", async () => {
  const { socket } = await joinWith(ANN, session("other_tab", 5));
  const [connection] = connections;
  connection?.bring("audio", "ann");
  connection?.bring("audio", "other_tab");
  socket.receive({ id: "o", type: 18, payload: { peer_id: "media-1", neg: 1, offer: { type: "offer", sdp: "v=0" } } });
  await turn();
  const tracks = connection?.getTransceivers().map(({ receiver }) => receiver.track);
  expect(played).toEqual([tracks?.[2]]);
});

test("a warning about a voice stands at its tile, and goes with the person", async () => {
  const { socket, notices } = await joinWith(ANN, BOB);
  const told = (speaker_key: string, user_id: number) => ({
    id: "voice_1",
    type: 27,
    payload: { speaker_key, user_id, speaker_label: speaker_key, state: "suspicious", score: 0.9, speech_s: 12, at_ms: 1000 },
  });
  socket.receive(told("ann", 1));
  socket.receive(told("bob", 2));
  const warned = (): string[] => call().voices.value.map(({ streamId }) => streamId);
  expect(warned()).toEqual(["ann", "bob"]);
  expect(notices).toEqual([
    { kind: "voiceSuspicious", name: "ann" },
    { kind: "voiceSuspicious", name: "bob" },
  ]);
  socket.receive(leaves("ann", "left"));
  socket.receive(roomInfo([ME, BOB]));
  expect(warned()).toEqual(["bob"]);
});
