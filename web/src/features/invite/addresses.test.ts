import { expect, test } from "vitest";
import { readAddresses } from "./addresses";

test("addresses are separated by commas, semicolons, spaces or lines, and count once", () => {
  const read = readAddresses("ann@example.org, bob@example.org;ann@example.org\ncid@example.org，");
  expect(read).toEqual({ ok: true, list: ["ann@example.org", "bob@example.org", "cid@example.org"] });
});

test.each([
  ["", { ok: false, fault: "invite.mailNone" }],
  ["ann@example.org bob", { ok: false, fault: "invite.mailBad", address: "bob" }],
  [Array.from({ length: 51 }, (_, n) => `p${n}@example.org`).join(","), { ok: false, fault: "invite.mailMany" }],
])("%s is not taken", (text, expected) => {
  expect(readAddresses(text)).toEqual(expected);
});
