/** The token of whoever is signed in on this device, kept between page loads. */

import type { Bearer } from "./http";

const KEY = "salon.token";

/** As much of Web Storage as the token needs. */
export type TokenStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Holds the token in memory and, where the browser lets it, in storage. */
export class AccessToken implements Bearer {
  readonly #storage: TokenStorage | null;
  #token: string | null;
  #onRefused: () => void = () => undefined;

  constructor(storage: TokenStorage | null) {
    this.#storage = storage;
    this.#token = read(storage);
  }

  get token(): string | null {
    return this.#token;
  }

  /** Reads the storage again: another tab may have signed in or out. */
  reload(): void {
    this.#token = read(this.#storage);
  }

  set(token: string | null): void {
    this.#token = token;
    try {
      if (token === null) this.#storage?.removeItem(KEY);
      else this.#storage?.setItem(KEY, token);
    } catch {
      // Storage is switched off or full: the sign-in lasts as long as the page.
    }
  }

  /** `listener` hears when the server refuses the token; the token is forgotten by then. */
  whenRefused(listener: () => void): void {
    this.#onRefused = listener;
  }

  onRefused(token: string): void {
    if (token !== this.#token) return; // An answer to a request made before the last sign-in.
    this.set(null);
    this.#onRefused();
  }

  static isKey(key: string | null): boolean {
    return key === KEY || key === null;
  }
}

/** When a token ends, as it says itself; null if it cannot be read. Not a check: only the server checks. */
export function tokenExpiry(token: string): Date | null {
  const claims = token.split(".")[1];
  if (claims === undefined) return null;
  try {
    const parsed: unknown = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    if (typeof parsed !== "object" || parsed === null || !("exp" in parsed) || typeof parsed.exp !== "number") return null;
    return new Date(parsed.exp * 1000);
  } catch {
    return null; // A foreign token: it is used until the server refuses it.
  }
}

function read(storage: TokenStorage | null): string | null {
  try {
    return storage?.getItem(KEY) ?? null;
  } catch {
    return null; // Storage is switched off.
  }
}
