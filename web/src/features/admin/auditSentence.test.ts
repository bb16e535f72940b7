import i18next from "i18next";
import { describe, expect, test } from "vitest";
import { addAdminTexts } from "../../i18n/admin";
import type { AuditEntry } from "../../state/administration";
import { auditSentence } from "./auditSentence";

const ENTRY: AuditEntry = {
  id: 1,
  at: new Date(),
  action: "user.banned",
  outcome: "ok",
  actorId: 2,
  actorName: "ada",
  target: "user:5",
  meetingId: null,
  address: "",
  username: "",
  userIds: [],
  details: "",
  hash: "",
};

async function speaker(lng: string) {
  const instance = i18next.createInstance();
  await instance.init({ lng, resources: {}, interpolation: { escapeValue: false } });
  addAdminTexts(instance);
  return (entry: Partial<AuditEntry>) => auditSentence(instance.t, { ...ENTRY, ...entry });
}

describe("an entry of the log", () => {
  test("says who did what to whom", async () => {
    const say = await speaker("en");
    expect(say({ username: "bo" })).toBe("ada banned bo");
    expect(say({})).toBe("ada banned user no. 5");
    expect(say({ action: "meeting.force_ended", target: "meeting:7", meetingId: 7 })).toBe("ada ended meeting no. 7 as an administrator");
    expect(say({ action: "participant.admitted", userIds: [5, 6], meetingId: 7 })).toBe(
      "ada let user no. 5, user no. 6 into meeting no. 7",
    );
    expect(say({ action: "meeting.ended", actorId: null, actorName: "", meetingId: 7 })).toBe("The server ended meeting no. 7");
    expect(say({ action: "user.reset_requested", target: "" })).toBe("A password reset was asked for Somebody");
  });

  test("says it in Chinese too", async () => {
    const say = await speaker("zh-CN");
    expect(say({ username: "bo" })).toBe("ada 封禁了 bo");
  });

  test("has no sentence for what this client does not know", async () => {
    const say = await speaker("en");
    expect(say({ action: "toaster.burnt" })).toBeNull();
    expect(say({ action: "constructor" })).toBeNull();
  });
});
