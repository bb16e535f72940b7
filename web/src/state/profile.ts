/** One's own account, to look at and to change. */

import type { Enrolment, FactorView, IdentityView } from "../api/security";
import type { Outcome, Problem } from "./problem";
import type { Readable } from "./readable";

export type { Enrolment };

export type ProfileView = {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly nickname: string;
  readonly phone: string;
  readonly avatarUrl: string | null;
  readonly factor: FactorView;
  /** null: this server knows no provider. */
  readonly identity: IdentityView | null;
};

export type ProfileState =
  | { readonly state: "loading" }
  | { readonly state: "failed"; readonly problem: Problem }
  | { readonly state: "ready"; readonly profile: ProfileView };

export interface OwnAccount {
  readonly state: Readable<ProfileState>;
  reload(): void;
  save(change: { readonly nickname: string; readonly phone: string }): Promise<Outcome<null>>;
  /** Shows another picture; `onProgress` hears which share of it is on its way, 0 to 1. */
  setAvatar(picture: Blob, onProgress: (share: number) => void): Promise<Outcome<null>>;
  removeAvatar(): Promise<Outcome<null>>;
  /** All other sign-ins end; this one goes on. */
  changePassword(before: string, next: string): Promise<Outcome<null>>;
  beginFactor(password: string): Promise<Outcome<Enrolment>>;
  /** The recovery codes, shown this once. */
  enableFactor(code: string): Promise<Outcome<readonly string[]>>;
  disableFactor(password: string, code: string): Promise<Outcome<null>>;
  renewRecoveryCodes(password: string, code: string): Promise<Outcome<readonly string[]>>;
  /** Where to send the browser to connect the provider's identity. */
  connect(): Promise<Outcome<string>>;
  disconnect(): Promise<Outcome<null>>;
  signOutEverywhere(): Promise<Outcome<null>>;
  /** Takes the account away for good, and is nobody afterwards. */
  remove(): Promise<Outcome<null>>;
}

/** What the server takes as a picture. */
export const PICTURE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"] as const;
export const PICTURE_MAX_BYTES = 5 * 1024 * 1024;

/** Why a file cannot be a picture, said before it is sent; null if it may be one. */
export function pictureFault(file: { readonly type: string; readonly size: number }): Problem | null {
  if (!PICTURE_TYPES.some((type) => type === file.type)) return { kind: "badType", detail: "" };
  return file.size > PICTURE_MAX_BYTES ? { kind: "tooLarge", detail: "" } : null;
}
