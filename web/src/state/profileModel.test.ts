import { expect, test } from "vitest";
import { Accounts, ownPicture, type Profile } from "../api/accounts";
import { Http, type Upload } from "../api/http";
import { SecurityApi } from "../api/security";
import { settle } from "../testing/fakeClock";
import { pictureFault, PICTURE_MAX_BYTES } from "./profile";
import { ProfileModel } from "./profileModel";

const USER = { id: 5, username: "mira", email: "mira@example.org", nickname: "Mira", phone: "", avatar: "", role: 1 };

type Answer = { readonly status?: number; readonly message?: string; readonly data?: unknown };

function open(answers: Readonly<Record<string, Answer>> = {}, upload?: Upload) {
  const usual: Record<string, Answer> = {
    "GET /api/v1/users/profile": { data: USER },
    "GET /api/v1/auth/totp": { data: { enabled: false, recovery_codes_left: 0 } },
    "GET /api/v1/auth/oidc/link": { data: { linked: false, label: "", email: "" } },
  };
  const http = new Http(
    { token: "t", onRefused: () => undefined },
    (path, init) => {
      const { status = 200, message = "", data } = { ...usual, ...answers }[`${init.method ?? "GET"} ${path}`] ?? {};
      return Promise.resolve(Response.json({ code: status, message, data }, { status }));
    },
    upload,
  );
  const heard: Profile[] = [];
  const happened: string[] = [];
  const own = new ProfileModel({
    accounts: new Accounts(http),
    security: new SecurityApi(http),
    onProfile: (profile) => void heard.push(profile),
    renew: () => Promise.resolve(void happened.push("renewed")),
    onGone: () => void happened.push("gone"),
  });
  const profile = () => {
    const view = own.state.value;
    if (view.state !== "ready") throw new Error(`not ready: ${view.state}`);
    return view.profile;
  };
  return { own, profile, heard, happened };
}

async function loaded(...parameters: Parameters<typeof open>) {
  const opened = open(...parameters);
  opened.own.reload();
  await settle();
  return opened;
}

test("the page shows the profile, the second factor, and a provider only where there is one", async () => {
  const without = await loaded();
  expect(without.profile()).toMatchObject({ username: "mira", factor: { isOn: false }, identity: null });
  const link = { linked: true, label: "House account", email: "m@house.example" };
  const withOne = await loaded({ "GET /api/v1/auth/oidc/link": { data: link } });
  expect(withOne.profile().identity).toEqual({ isLinked: true, label: "House account", email: "m@house.example" });
});

test("a page that cannot be loaded says why", async () => {
  const { own } = await loaded({ "GET /api/v1/auth/totp": { status: 503, message: "busy" } });
  expect(own.state.value).toMatchObject({ state: "failed", problem: { kind: "server" } });
});

test("what was saved is shown here and told to whoever shows the name elsewhere", async () => {
  const { own, profile, heard } = await loaded({ "PUT /api/v1/users/profile": { data: { ...USER, nickname: "M.", phone: "1" } } });
  expect(await own.save({ nickname: "M.", phone: "1" })).toMatchObject({ ok: true });
  expect(profile()).toMatchObject({ nickname: "M.", phone: "1", factor: { isOn: false } });
  expect(heard.at(-1)?.nickname).toBe("M.");
});

test("an upload tells its progress, and the new picture is shown", async () => {
  const shares: number[] = [];
  let sent: FormDataEntryValue | null = null;
  const upload: Upload = (_, { body, headers, onProgress }) => {
    sent = body.get("avatar");
    expect(headers.get("Authorization")).toBe("Bearer t");
    onProgress(0.5);
    onProgress(1);
    return Promise.resolve(Response.json({ code: 200, data: { avatar: "/avatars/n.webp" } }));
  };
  const { own, profile } = await loaded({ "GET /api/v1/users/profile": { data: { ...USER, avatar: "/avatars/n.webp" } } }, upload);
  const outcome = await own.setAvatar(new Blob(["x"], { type: "image/png" }), (share) => void shares.push(share));
  expect(outcome.ok).toBe(true);
  expect(shares).toEqual([0.5, 1]);
  expect(sent).toBeInstanceOf(Blob);
  expect(profile().avatarUrl).toBe("/avatars/n.webp");
});

test.each([
  [413, "tooLarge"],
  [415, "badType"],
  [400, "badPicture"],
  [429, "rateLimited"],
])("an upload refused with %i is %s", async (status, kind) => {
  const { own } = await loaded({}, () => Promise.resolve(Response.json({ message: "no" }, { status })));
  expect(await own.setAvatar(new Blob(), () => undefined)).toMatchObject({ problem: { kind } });
});

test.each([
  ["The old password is wrong.", "wrongPassword"],
  ["The new password must differ from the old one.", "samePassword"],
  ["new_password: something else", "invalid"],
])("a refused password change (%s) is %s", async (message, kind) => {
  const { own, happened } = await loaded({ "POST /api/v1/users/change-password": { status: 400, message } });
  expect(await own.changePassword("a", "b")).toMatchObject({ problem: { kind } });
  expect(happened).toEqual([]);
});

test("after a password change the sign-in here is renewed", async () => {
  const { own, happened } = await loaded();
  expect(await own.changePassword("a", "b")).toMatchObject({ ok: true });
  expect(happened).toEqual(["renewed"]);
});

test("the second factor goes on with its codes, and off again", async () => {
  const { own, profile } = await loaded({
    "POST /api/v1/auth/totp/enable": { data: { recovery_codes: ["aaaa", "bbbb"] } },
  });
  expect(await own.enableFactor("123456")).toEqual({ ok: true, value: ["aaaa", "bbbb"] });
  expect(profile().factor).toEqual({ isOn: true, recoveryCodesLeft: 2 });
  await own.disableFactor("p", "aaaa");
  expect(profile().factor.isOn).toBe(false);
});

test("an account that only the provider opens keeps it, and the last administrator stays", async () => {
  const { own, happened } = await loaded({
    "DELETE /api/v1/auth/oidc/link": { status: 409, message: "This account has no password." },
    "DELETE /api/v1/users/account": { status: 403, message: "You are the last administrator." },
  });
  expect(await own.disconnect()).toMatchObject({ problem: { kind: "noPassword" } });
  expect(await own.remove()).toMatchObject({ problem: { kind: "lastAdmin" } });
  expect(happened).toEqual([]);
});

test("whoever signs out everywhere, or deletes the account, is nobody here afterwards", async () => {
  const { own, happened } = await loaded();
  await own.signOutEverywhere();
  await own.remove();
  expect(happened).toEqual(["gone", "gone"]);
});

test("what cannot be a picture is said before it is sent", () => {
  expect(pictureFault({ type: "image/png", size: PICTURE_MAX_BYTES })).toBeNull();
  expect(pictureFault({ type: "image/png", size: PICTURE_MAX_BYTES + 1 })?.kind).toBe("tooLarge");
  expect(pictureFault({ type: "image/svg+xml", size: 10 })?.kind).toBe("badType");
});

test.each([
  ["/avatars/a.webp", "/avatars/a.webp"],
  ["", null],
  ["//evil.example/a.png", null],
  ["/\\evil.example/a.png", null],
  ["https://elsewhere.example/a.png", null],
])("of %j the page loads %j", (address, picture) => {
  expect(ownPicture(address)).toBe(picture);
});
