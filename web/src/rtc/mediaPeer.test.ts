import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Http } from "../api/http";
import { WebrtcApi } from "../api/webrtc";
import { FakeClock, settle } from "../testing/fakeClock";
import { FakeConnection } from "../testing/fakeConnection";
import { MediaPeer } from "./mediaPeer";
import { NOTHING } from "./senders";

type Request = { readonly path: string; readonly body: Record<string, unknown>; readonly reply: (response: Response) => void };

let clock: FakeClock;
let connection: FakeConnection;
let requests: Request[];
let failures: unknown[];
let peer: MediaPeer;

beforeEach(() => {
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
  clock = new FakeClock();
  connection = new FakeConnection();
  requests = [];
  failures = [];
  const http = new Http({ token: null, onRefused: () => undefined }, (path, { body }) => {
    const parsed = typeof body === "string" ? (JSON.parse(body) as Record<string, unknown>) : {};
    return new Promise((reply) => requests.push({ path, body: parsed, reply }));
  });
  peer = new MediaPeer({
    api: new WebrtcApi(http),
    roomId: "room-7",
    userId: 5,
    clock,
    connection: connection as unknown as RTCPeerConnection,
    sessionId: () => "session-1",
    listener: {
      onConnected: () => undefined,
      onInterrupted: () => undefined,
      onTracks: () => undefined,
      onFailed: (reason) => failures.push(reason),
    },
  });
});

afterEach(() => {
  peer.close();
  vi.unstubAllGlobals();
});

/** Reading a response takes turns of the event loop, not only of promises. */
async function turn(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await settle();
  }
}

async function reply(body: unknown, status = 200): Promise<void> {
  const request = requests.shift();
  request?.reply(body === null ? new Response(null, { status }) : Response.json(body, { status }));
  await turn();
}

async function connect(): Promise<void> {
  peer.start(NOTHING);
  await turn();
  await reply({ peer_id: "media-1", answer: { type: "answer", sdp: "v=0 first" } });
  connection.become("connected");
}

const push = (neg: number, peerId = "media-1"): void => peer.takeOffer({ peerId, neg, sdp: `v=0 offer ${neg}` });
const applied = (): unknown[] => connection.applied.map(({ sdp }) => sdp);

test("offers are answered one after the other, and of those that wait only the newest", async () => {
  await connect();
  push(1);
  await turn();
  push(2);
  push(3);
  await turn();
  expect(applied()).toEqual(["v=0 first", "v=0 offer 1"]);
  await reply(null, 204);
  expect(applied()).toEqual(["v=0 first", "v=0 offer 1", "v=0 offer 3"]);
  expect(requests).toMatchObject([{ path: "/api/v1/webrtc/peer/media-1/answer", body: { neg: 3 } }]);
  await reply(null, 204);
  push(3);
  push(2);
  await turn();
  expect(requests).toEqual([]);
});

test("an offer that comes before the answer to ours waits for it; one for another peer is left aside", async () => {
  peer.start(NOTHING);
  await turn();
  push(1);
  await turn();
  expect(applied()).toEqual([]);
  await reply({ peer_id: "media-1", answer: { type: "answer", sdp: "v=0 first" } });
  expect(applied()).toEqual(["v=0 first", "v=0 offer 1"]);
  await reply(null, 204);
  push(9, "media-of-yesterday");
  await turn();
  expect(applied()).toHaveLength(2);
});

test("a stale answer is no fault: the newer offer is answered", async () => {
  await connect();
  push(1);
  await turn();
  await reply({ error: "stale" }, 409);
  push(2);
  await turn();
  await reply(null, 204);
  expect(applied().at(-1)).toBe("v=0 offer 2");
  expect(failures).toEqual([]);
});

test("an answer that does not arrive is asked for and sent again", async () => {
  await connect();
  push(1);
  await turn();
  await reply({ error: "busy" }, 503);
  await clock.pass(1000);
  await turn();
  await reply({ offer: { type: "offer", sdp: "v=0 offer 1" }, neg: 1 });
  expect(requests).toMatchObject([{ path: "/api/v1/webrtc/peer/media-1/answer", body: { neg: 1 } }]);
  await reply(null, 204);
  expect(failures).toEqual([]);
});

test("a peer that the server no longer knows is given up, once", async () => {
  await connect();
  peer.poll();
  peer.poll();
  await turn();
  await reply({ error: "peer not found" }, 404);
  expect(failures).toHaveLength(1);
  expect(connection.isClosed).toBe(true);
});

test("a gap heals by itself; a longer one gets a new path, and without one the peer is given up", async () => {
  await connect();
  connection.become("disconnected");
  await clock.pass(1000);
  connection.become("connected");
  await clock.pass(10_000);
  expect(connection.restarts).toBe(0);
  connection.become("disconnected");
  await clock.pass(3500);
  await turn();
  expect(connection.restarts).toBe(1);
  expect(requests).toMatchObject([{ path: "/api/v1/webrtc/answer", body: { peer_id: "media-1" } }]);
  await clock.pass(9000);
  expect(failures).toEqual(["no path to the SFU"]);
});
