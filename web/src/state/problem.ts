/** What went wrong, as a word that the screens put into the person's language. */

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
  | "passwordNeeded"
  | "passwordWrong"
  | "unknown";

export type Problem = { readonly kind: ProblemKind; readonly detail: string };

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };
