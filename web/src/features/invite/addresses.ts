const MOST = 50;

export type Addresses =
  | { readonly ok: true; readonly list: readonly string[] }
  | { readonly ok: false; readonly fault: "invite.mailNone" | "invite.mailMany" }
  | { readonly ok: false; readonly fault: "invite.mailBad"; readonly address: string };

/** Reads e-mail addresses that are separated by commas, semicolons, spaces or lines; each counts once. */
export function readAddresses(text: string): Addresses {
  const list = [...new Set(text.split(/[\s,;，；]+/).filter((part) => part !== ""))];
  const bad = list.find((address) => !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(address));
  if (bad !== undefined) return { ok: false, fault: "invite.mailBad", address: bad };
  if (list.length === 0) return { ok: false, fault: "invite.mailNone" };
  return list.length > MOST ? { ok: false, fault: "invite.mailMany" } : { ok: true, list };
}
