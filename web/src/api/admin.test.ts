import { expect, test } from "vitest";
import { AdminApi, auditFilePath } from "./admin";
import { ApiError, Http } from "./http";

function api(body: unknown) {
  const paths: string[] = [];
  const http = new Http({ token: null, onRefused: () => undefined }, (path) => {
    paths.push(path);
    return Promise.resolve(Response.json(body));
  });
  return { paths, admin: new AdminApi(http) };
}

const ENTRY = { id: 3, at: "2026-01-02T03:04:05.000Z", action: "user.banned", outcome: "ok", actor_id: 1, actor_name: "ada" };

test("the figures count people over all rooms", async () => {
  const { admin } = api({ active_sessions: 5, connected_clients: 5, active_rooms: 2, room_details: { "1": 2, "9": 1 } });
  expect(await admin.figures()).toEqual({ rooms: 2, people: 3, sessions: 5 });
});

test("an entry of the log is read with what matters of its details", async () => {
  const list = [
    { ...ENTRY, target: "user:5", meeting_id: null, address: "::1", details: { username: "bo" }, row_hash: "f" },
    { ...ENTRY, actor_id: null, meeting_id: 7, details: { users: [5, 6] } },
    { ...ENTRY, details: { users: ["x"] } },
    { ...ENTRY, details: {} },
  ];
  const { admin, paths } = api({ data: { list, total: 23, total_pages: 2 } });
  const since = new Date("2026-01-01T00:00:00Z");
  const { items, total, hasMore } = await admin.audit({ keyword: "a&b", action: "user.", since, until: null }, 1);
  expect(paths).toEqual(["/api/v1/admin/audit?page=1&page_size=20&keyword=a%26b&action=user.&since=2026-01-01T00%3A00%3A00.000Z"]);
  expect([total, hasMore]).toEqual([23, true]);
  expect(items.map(({ username, userIds, actorId, meetingId }) => [username, userIds, actorId, meetingId])).toEqual([
    ["bo", [], 1, null],
    ["", [5, 6], null, 7],
    ["", [], 1, null],
    ["", [], 1, null],
  ]);
  expect(items[0]?.details).toContain('"username": "bo"');
  expect(items[3]?.details).toBe("");
});

test("a full page of meetings may be followed by another", async () => {
  const meeting = { id: 1, title: "M", start_time: "2026-01-02T03:04:05Z", end_time: "2026-01-02T04:04:05Z", status: 2, creator_id: 4 };
  const { admin } = api({ data: Array.from({ length: 20 }, () => ({ ...meeting, creator: { username: "ada", nickname: "" } })) });
  const full = await admin.meetings("", 0, 1);
  expect([full.hasMore, full.items[0]?.creatorName]).toEqual([true, "ada"]);
  const rest = await api({ data: [meeting] }).admin.meetings("", 2, 2);
  expect([rest.hasMore, rest.items[0]?.creatorName]).toEqual([false, null]);
});

test("an answer of another shape is a fault of the server, not a crash", async () => {
  const { admin } = api({ data: { list: [{ id: "x" }], total: 1, total_pages: 1 } });
  await expect(admin.accounts("", 1)).rejects.toBeInstanceOf(ApiError);
});

test("the file holds what is searched for", () => {
  const query = { keyword: "bo", action: "", since: null, until: null };
  expect(auditFilePath(query, "csv")).toBe("/api/v1/admin/audit/export?keyword=bo&format=csv");
});
