import { expect, test } from "vitest";
import { AccessToken } from "../api/accessToken";
import { Accounts } from "../api/accounts";
import { EntryApi } from "../api/entry";
import { Http } from "../api/http";
import { FakeClock, settle } from "../testing/fakeClock";
import type { Account } from "./account";
import { AccountModel } from "./accountModel";
import { EntranceModel } from "./entranceModel";

const USER = { id: 5, username: "mira", email: "mira@example.org", nickname: "", avatar: "/avatars/a.webp", role: 1 };

type Answer = { readonly status?: number; readonly message?: string; readonly data?: unknown };
type Asked = { readonly path: string; readonly body: unknown; readonly token: string | null };

/** A model over a server whose answers are `answer`'s. */
function open(answer: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const token = new AccessToken(null);
  const http = new Http(token, (path, init) => {
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
    const request = { path, body, token: new Headers(init.headers).get("Authorization") };
    asked.push(request);
    const { status = 200, message = "success", data } = answer(request);
    return Promise.resolve(Response.json({ code: status, message, data }, { status }));
  });
  const entry = new EntryApi(http);
  const model = new AccountModel(new Accounts(http), entry, token, new FakeClock());
  const signedOut = (): Extract<Account, { state: "signedOut" }> => {
    const account = model.account.value;
    if (account.state !== "signedOut") throw new Error(`expected to be signed out, not ${account.state}`);
    return account;
  };
  return { model, entrance: new EntranceModel(entry, model), token, asked, signedOut };
}

/** Somebody whose account asks for a code: 123456 of the app, or `aaaa`. */
function guarded({ path, body }: Asked): Answer {
  if (path !== "/api/v1/auth/login") return { data: [] };
  const sent = new Map(Object.entries(body ?? {}));
  if (sent.get("password") !== "right") return { status: 401, message: "Wrong user name or password." };
  if (sent.get("totp_code") === "123456" || sent.get("recovery_code") === "aaaa") return { data: { user: USER, token: "t" } };
  if (sent.has("totp_code") || sent.has("recovery_code")) return { status: 401, message: "This code is not valid." };
  return { status: 401, message: "A second factor is needed. Send `totp_code`." };
}

test("a right password without the code leads to the second step, and a right code in", async () => {
  const { model, signedOut } = open(guarded);
  await model.check();
  signedOut().signIn("mira", "right");
  await settle();
  expect(signedOut()).toMatchObject({ isBusy: false, problem: null });
  signedOut().secondFactor?.answer({ kind: "app", code: "000000" });
  expect(signedOut().isBusy).toBe(true);
  expect(signedOut().secondFactor).not.toBeNull();
  await settle();
  expect(signedOut().problem?.kind).toBe("badCode");
  signedOut().secondFactor?.answer({ kind: "app", code: "123456" });
  await settle();
  expect(model.person).toMatchObject({ id: 5, name: "mira", avatarUrl: "/avatars/a.webp" });
});

test("a recovery code goes where the server looks for it", async () => {
  const { model, asked, signedOut } = open(guarded);
  await model.check();
  signedOut().signIn("mira", "right");
  await settle();
  signedOut().secondFactor?.answer({ kind: "recovery", code: "aaaa" });
  await settle();
  expect(asked.at(-1)?.body).toEqual({ username: "mira", password: "right", recovery_code: "aaaa" });
  expect(model.person?.id).toBe(5);
});

test("a wrong password has no second step, and the second step has a way back", async () => {
  const { model, signedOut } = open(guarded);
  await model.check();
  signedOut().signIn("mira", "wrong");
  await settle();
  expect(signedOut()).toMatchObject({ problem: { kind: "badLogin" }, secondFactor: null });
  signedOut().signIn("mira", "right");
  await settle();
  signedOut().secondFactor?.cancel();
  expect(signedOut()).toMatchObject({ problem: null, secondFactor: null });
});

test("the providers come by themselves, and stay through a failed sign-in", async () => {
  const { model, signedOut, asked } = open((request) =>
    request.path.endsWith("/providers") ? { data: [{ id: "oidc", label: "House account" }] } : guarded(request),
  );
  await model.check();
  expect(signedOut().providers).toEqual([]);
  await settle();
  expect(signedOut().providers).toEqual([{ id: "oidc", label: "House account" }]);
  signedOut().signIn("mira", "wrong");
  await settle();
  expect(signedOut().providers).toHaveLength(1);
  expect(asked.filter(({ path }) => path.endsWith("/providers"))).toHaveLength(1);
});

test("back from a provider the cookie is exchanged for a token, without an old token beside it", async () => {
  const { model, entrance, token, asked } = open(({ path }) =>
    path.endsWith("/session") ? { data: { token: "fresh" } } : { data: USER },
  );
  token.set("stale");
  expect(await entrance.resume()).toEqual({ ok: true, value: null });
  expect(asked[0]).toMatchObject({ path: "/api/v1/auth/session", token: null });
  expect(token.token).toBe("fresh");
  expect(model.person?.username).toBe("mira");
});

test("signing out ends this browser's sign-in alone", async () => {
  const { model, token, asked } = open(({ path }) => (path.endsWith("/profile") ? { data: USER } : {}));
  await model.enter("t");
  const account = model.account.value;
  if (account.state === "signedIn") account.signOut();
  await settle();
  expect(asked.find(({ path }) => path.endsWith("/logout"))).toMatchObject({ body: { everywhere: false }, token: "Bearer t" });
  expect(token.token).toBeNull();
});

test("a refused code of the letter and a refused setup link are told apart from other faults", async () => {
  const { entrance } = open(({ path, body }) => {
    if (path.endsWith("/setup")) return { status: 403, message: "This setup link is not valid (any more)." };
    const isWeak = new Map(Object.entries(body ?? {})).get("password") === "weak";
    return { status: 400, message: isWeak ? "password: a password needs 8 to 128 characters" : "This code is not valid (any more)." };
  });
  expect(await entrance.reset("m@example.org", "AAAA-2222", "x")).toMatchObject({ problem: { kind: "resetRefused" } });
  expect(await entrance.reset("m@example.org", "AAAA-2222", "weak")).toMatchObject({ problem: { kind: "invalid" } });
  const account = { username: "chief", email: "c@example.org", password: "x", nickname: "" };
  expect(await entrance.setUp("key", account)).toMatchObject({ problem: { kind: "setupRefused" } });
});
