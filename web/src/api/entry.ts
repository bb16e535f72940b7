/** Ways in without a password at hand: a mailed code, a provider's page, the first administrator's link. */

import { parseSignedIn, type NewAccount } from "./accounts";
import { understood, type Http } from "./http";
import { Fields, objects } from "./parse";

/** Somebody else's sign-in page that Salon trusts. */
export type Provider = { readonly id: string; readonly label: string };

/** Calls around signing in. Every method throws `ApiError`. */
export class EntryApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Asks for a code by mail; the answer does not tell whether there is such an account. */
  async forgot(email: string): Promise<void> {
    await this.#http.data("/api/v1/auth/forgot-password", { method: "POST", body: { email } });
  }

  async reset(email: string, code: string, password: string): Promise<void> {
    await this.#http.data("/api/v1/auth/reset-password", { method: "POST", body: { email, code, password } });
  }

  async providers(): Promise<Provider[]> {
    const data = await this.#http.data("/api/v1/auth/oidc/providers");
    return understood(() => objects(data).map((fields) => ({ id: fields.text("id"), label: fields.text("label") })));
  }

  /** The token behind the cookie that a provider's page, or a new password, left in this browser. */
  async session(): Promise<string> {
    const data = await this.#http.data("/api/v1/auth/session", { method: "POST", isByCookie: true });
    return understood(() => new Fields(data).text("token"));
  }

  /** Whether this server still has no administrator. */
  async needsSetup(): Promise<boolean> {
    const data = await this.#http.data("/api/v1/auth/setup");
    return understood(() => new Fields(data).flag("needed"));
  }

  /** Becomes the first administrator; the token. */
  async setUp(key: string, account: NewAccount): Promise<string> {
    const data = await this.#http.data("/api/v1/auth/setup", { method: "POST", body: { key, ...account } });
    return understood(() => parseSignedIn(data).token);
  }
}

/** Where a provider's button leads; the way comes back to `returnTo`, a path of this server. */
export function providerPath(returnTo: string): string {
  return `/api/v1/auth/oidc/login?return_to=${encodeURIComponent(returnTo)}`;
}
