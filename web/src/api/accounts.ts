/** The user service: register, sign in, profile. */

import { understood, type Http } from "./http";
import { Fields } from "./parse";

export type Profile = {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly nickname: string;
  readonly avatar: string;
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

  async login(username: string, password: string): Promise<{ profile: Profile; token: string }> {
    const data = await this.#http.data("/api/v1/auth/login", { method: "POST", body: { username, password } });
    return understood(() => {
      const fields = new Fields(data);
      return { profile: parseProfile(fields.object("user")), token: fields.text("token") };
    });
  }

  /** The same token again while it has more than an hour left. */
  async refresh(token: string): Promise<string> {
    const data = await this.#http.data("/api/v1/auth/refresh", { method: "POST", body: { token } });
    return understood(() => new Fields(data).text("token"));
  }

  /** Clears the cookie that the sign-in set. */
  async logout(): Promise<void> {
    await this.#http.data("/api/v1/auth/logout", { method: "POST", keepalive: true });
  }

  async profile(): Promise<Profile> {
    const data = await this.#http.data("/api/v1/users/profile");
    return understood(() => parseProfile(new Fields(data)));
  }
}

function parseProfile(fields: Fields): Profile {
  return {
    id: fields.number("id"),
    username: fields.text("username"),
    email: fields.textOr("email", ""),
    nickname: fields.textOr("nickname", ""),
    avatar: fields.textOr("avatar", ""),
    isGuest: fields.numberOr("role", 1) === GUEST_ROLE,
    role: fields.numberOr("role", 1),
  };
}
