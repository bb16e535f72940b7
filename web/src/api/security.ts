/** What guards an account beside its password: second factor, identity at a provider. */

import { understood, type Http } from "./http";
import { Fields } from "./parse";

export type FactorView = { readonly isOn: boolean; readonly recoveryCodesLeft: number };

/** What an authenticator app needs. */
export type Enrolment = {
  /** To be typed in where a camera cannot be used. */
  readonly secret: string;
  /** An SVG element. */
  readonly qrSvg: string;
};

export type IdentityView = {
  readonly isLinked: boolean;
  /** What the provider is called; empty without one. */
  readonly label: string;
  /** As the provider knows them; may be empty. */
  readonly email: string;
};

const TOTP = "/api/v1/auth/totp";
const LINK = "/api/v1/auth/oidc/link";

/** Calls of the account's guards. Every method throws `ApiError`. */
export class SecurityApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async factor(): Promise<FactorView> {
    const data = await this.#http.data(TOTP);
    return understood(() => {
      const fields = new Fields(data);
      return { isOn: fields.flag("enabled"), recoveryCodesLeft: fields.numberOr("recovery_codes_left", 0) };
    });
  }

  /** Begins: the secret counts once `enableFactor` has seen its first code. */
  async beginFactor(password: string): Promise<Enrolment> {
    const data = await this.#http.data(`${TOTP}/setup`, { method: "POST", body: { password } });
    return understood(() => {
      const fields = new Fields(data);
      return { secret: fields.text("secret"), qrSvg: fields.text("qr_svg") };
    });
  }

  /** Switches it on; the recovery codes, shown this once. */
  async enableFactor(code: string): Promise<string[]> {
    const data = await this.#http.data(`${TOTP}/enable`, { method: "POST", body: { code } });
    return understood(() => new Fields(data).texts("recovery_codes"));
  }

  async disableFactor(password: string, code: string): Promise<void> {
    await this.#http.data(`${TOTP}/disable`, { method: "POST", body: { password, code } });
  }

  async renewRecoveryCodes(password: string, code: string): Promise<string[]> {
    const data = await this.#http.data(`${TOTP}/recovery-codes`, { method: "POST", body: { password, code } });
    return understood(() => new Fields(data).texts("recovery_codes"));
  }

  async identity(): Promise<IdentityView> {
    const data = await this.#http.data(LINK);
    return understood(() => {
      const fields = new Fields(data);
      return { isLinked: fields.flag("linked"), label: fields.textOr("label", ""), email: fields.textOr("email", "") };
    });
  }

  /** Where to send the browser to connect. */
  async connect(): Promise<string> {
    const data = await this.#http.data(LINK, { method: "POST" });
    return understood(() => new Fields(data).text("url"));
  }

  async disconnect(): Promise<void> {
    await this.#http.data(LINK, { method: "DELETE" });
  }
}
