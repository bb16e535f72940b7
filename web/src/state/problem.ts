/** What went wrong, as a word that the screens put into the person's language. */

import { ApiError } from "../api/http";

export type ProblemKind =
  | "network" // the server cannot be reached
  | "timeout"
  | "badLogin"
  | "taken" // user name or e-mail
  | "rateLimited"
  | "server"
  | "signedOut"
  | "invalid" // refused as it stands; `detail` says why, in the server's English
  | "notFound"
  | "ended"
  | "full"
  | "forbidden"
  | "early"
  | "locked" // nobody new is let in
  | "passwordNeeded"
  | "passwordWrong"
  | "codeNeeded" // the password was right, a second factor is asked for
  | AccountFault
  | "unknown";

/** What only one's own account can run into. */
export type AccountFault =
  | "badCode"
  | "wrongPassword"
  | "samePassword"
  | "resetRefused"
  | "setupRefused"
  | "tooLarge" // a picture
  | "badType"
  | "badPicture"
  | "noPassword" // to sign in with, without the provider
  | "lastAdmin";

export type Problem = { readonly kind: ProblemKind; readonly detail: string };

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** The problem behind a failed request; what only some requests can mean (a full meeting, a taken name) is `special`. */
export function problemOf(error: unknown, special: (error: ApiError) => ProblemKind | null = () => null): Problem {
  if (!(error instanceof ApiError)) return { kind: "unknown", detail: "" };
  return { kind: special(error) ?? usualKind(error), detail: error.kind === "refused" ? error.message : "" };
}

/** What `request` gives, or what kept it from it. Never rejects. */
export async function outcomeOf<T>(
  request: () => Promise<T>,
  special?: (error: ApiError) => ProblemKind | null,
): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await request() };
  } catch (error) {
    return { ok: false, problem: problemOf(error, special) };
  }
}

function usualKind(error: ApiError): ProblemKind {
  if (error.kind === "network" || error.kind === "timeout") return error.kind;
  if (error.kind === "malformed" || error.status >= 500) return "server";
  switch (error.status) {
    case 401:
      return "signedOut";
    case 403:
      return "forbidden";
    case 404:
      return "notFound";
    case 429:
      return "rateLimited";
    default:
      return "invalid";
  }
}
