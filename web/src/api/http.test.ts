import { expect, test } from "vitest";
import { ApiError, Http, type Fetch } from "./http";

function client(fetch: Fetch, token: string | null = "token-1") {
  const refused: string[] = [];
  const http = new Http({ token, onRefused: (which) => refused.push(which) }, fetch);
  return { http, refused };
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (!(error instanceof ApiError)) throw new Error("expected an ApiError");
  return error;
}

test("sends the token and gives the data of the envelope", async () => {
  let headers = new Headers();
  const { http } = client((_, init) => {
    headers = new Headers(init.headers);
    return Promise.resolve(Response.json({ code: 200, data: { id: 1 } }));
  });
  expect(await http.data("/x", { method: "POST", body: {} })).toEqual({ id: 1 });
  expect(headers.get("Authorization")).toBe("Bearer token-1");
});

test("a refusal carries the status and the server's words", async () => {
  const { http } = client(() => Promise.resolve(Response.json({ code: 404, message: "no such meeting" }, { status: 404 })));
  expect(await failure(http.data("/x"))).toMatchObject({ kind: "refused", status: 404, message: "no such meeting" });
});

test("errors of raw endpoints and of proxies are understood too", async () => {
  const raw = client(() => Promise.resolve(Response.json({ error: "peer not found" }, { status: 404 })));
  expect((await failure(raw.http.raw("/x"))).message).toBe("peer not found");
  const proxy = client(() => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 502, statusText: "Bad Gateway" })));
  expect(await failure(proxy.http.raw("/x"))).toMatchObject({ status: 502, isPassing: true });
});

test("204 is an answer without a body", async () => {
  const { http } = client(() => Promise.resolve(new Response(null, { status: 204 })));
  expect(await http.raw("/x")).toBeNull();
});

test("a success that is no JSON is not taken for one", async () => {
  const { http } = client(() => Promise.resolve(new Response("<html>")));
  expect((await failure(http.data("/x"))).kind).toBe("malformed");
});

test("no network and no answer in time are told apart", async () => {
  const offline = client(() => Promise.reject(new TypeError("failed")));
  expect((await failure(offline.http.data("/x"))).kind).toBe("network");
  const slow = client(
    (_, init) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(new DOMException("late", "TimeoutError")));
      }),
  );
  expect((await failure(slow.http.data("/x", { deadline_ms: 10 }))).kind).toBe("timeout");
});

test("401 ends the sign-in, but not where it speaks of a meeting's password", async () => {
  const { http, refused } = client(() => Promise.resolve(Response.json({ message: "no" }, { status: 401 })));
  await failure(http.data("/join", { isPasswordCheck: true }));
  expect(refused).toEqual([]);
  await failure(http.data("/x"));
  expect(refused).toEqual(["token-1"]);
});
