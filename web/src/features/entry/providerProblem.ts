import type { TFunction } from "i18next";

const TEXTS = {
  oidc_expired: "oidc.expired",
  oidc_denied: "oidc.denied",
  oidc_unavailable: "oidc.unavailable",
  oidc_failed: "oidc.failed",
  oidc_sign_up_closed: "oidc.signUpClosed",
  oidc_no_email: "oidc.noEmail",
  oidc_email_taken: "oidc.emailTaken",
  oidc_linked_elsewhere: "oidc.linkedElsewhere",
  account_disabled: "oidc.disabled",
} as const;

/** Why a provider's page led back without a sign-in; a code that is not known counts as a failure. */
export function providerProblem(t: TFunction, code: string): string {
  const known = Object.entries(TEXTS).find(([name]) => name === code);
  return t(known?.[1] ?? "oidc.failed");
}

/** The path, if it leads to a page of this server; else the front page. */
export function ownPath(path: string | null): string {
  return path !== null && /^\/(?![/\\])/.test(path) ? path : "/";
}
