/** The user service: register, sign in, one's own profile. */

import { understood, type Http } from "./http";
import { Fields } from "./parse";

export type Profile = {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly nickname: string;
  readonly phone: string;
  /** Of this server; null without one. */
  readonly avatarUrl: string | null;
  /** Let in by an invite link, without an account. */
  readonly isGuest: boolean;
  /** What the account may do on the whole server. */
  readonly role: number;
};

export type NewAccount = {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly nickname: string;
};

/** What stands beside the password at a sign-in. */
export type Proof = { readonly kind: "app" | "recovery"; readonly code: string };

export type SignedIn = { readonly profile: Profile; readonly token: string };

const GUEST_ROLE = 0;

/** Calls of the user service. Every method throws `ApiError`. */
export class Accounts {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async register(account: NewAccount): Promise<void> {
    const { nickname, ...rest } = account;
    const body = nickname === "" ? rest : account;
    await this.#http.data("/api/v1/auth/register", { method: "POST", body });
  }

  async login(username: string, password: string, proof: Proof | null): Promise<SignedIn> {
    const second = proof === null ? {} : { [proof.kind === "app" ? "totp_code" : "recovery_code"]: proof.code };
    const body = { username, password, ...second };
    const data = await this.#http.data("/api/v1/auth/login", { method: "POST", body });
    return understood(() => parseSignedIn(data));
  }

  /** The same token again while it has more than an hour left. */
  async refresh(token: string): Promise<string> {
    const data = await this.#http.data("/api/v1/auth/refresh", { method: "POST", body: { token } });
    return understood(() => new Fields(data).text("token"));
  }

  /** Ends this sign-in, or all of the account; clears the cookie that the sign-in set. */
  async logout(everywhere: boolean): Promise<void> {
    await this.#http.data("/api/v1/auth/logout", { method: "POST", body: { everywhere }, keepalive: true });
  }

  async profile(): Promise<Profile> {
    const data = await this.#http.data("/api/v1/users/profile");
    return understood(() => parseProfile(new Fields(data)));
  }

  async update(change: { readonly nickname: string; readonly phone: string }): Promise<Profile> {
    const data = await this.#http.data("/api/v1/users/profile", { method: "PUT", body: change });
    return understood(() => parseProfile(new Fields(data)));
  }

  /** Shows another picture; `onProgress` hears which share of it is on its way. */
  async setAvatar(picture: Blob, onProgress: (share: number) => void): Promise<void> {
    await this.#http.upload("/api/v1/users/upload-avatar", "avatar", picture, onProgress);
  }

  async removeAvatar(): Promise<void> {
    await this.#http.data("/api/v1/users/avatar", { method: "DELETE" });
  }

  /** Ends all sign-ins; the browser's cookie is good for a new one. */
  async changePassword(before: string, next: string): Promise<void> {
    const body = { old_password: before, new_password: next };
    await this.#http.data("/api/v1/users/change-password", { method: "POST", body });
  }

  /** Takes the account away for good. */
  async remove(): Promise<void> {
    await this.#http.data("/api/v1/users/account", { method: "DELETE" });
  }
}

/** The answer to a sign-in. */
export function parseSignedIn(data: unknown): SignedIn {
  const fields = new Fields(data);
  return { profile: parseProfile(fields.object("user")), token: fields.text("token") };
}

function parseProfile(fields: Fields): Profile {
  return {
    id: fields.number("id"),
    username: fields.text("username"),
    email: fields.textOr("email", ""),
    nickname: fields.textOr("nickname", ""),
    phone: fields.textOr("phone", ""),
    avatarUrl: ownPicture(fields.textOr("avatar", "")),
    isGuest: fields.numberOr("role", 1) === GUEST_ROLE,
    role: fields.numberOr("role", 1),
  };
}

/** The address of a picture on this server; null for any other, which the page's policy would not load. */
export function ownPicture(address: string): string | null {
  return /^\/(?![/\\])/.test(address) ? address : null;
}
