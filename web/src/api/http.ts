/** One request to Salon's REST API: token, deadline, envelope, errors. */

import { Fields, MalformedError } from "./parse";
import { uploadByRequest } from "./upload";

const DEADLINE_MS = 10_000;
/** Five megabytes over a line of half a megabit a second. */
const UPLOAD_DEADLINE_MS = 90_000;

export type FailureKind =
  | "network" // no answer
  | "timeout"
  | "refused" // an answer outside 200-299; `status` says which
  | "malformed"; // a success that cannot be understood

/** Why a request did not succeed. `message` is the server's text where there is one. */
export class ApiError extends Error {
  readonly kind: FailureKind;
  /** The HTTP status; 0 without an answer. */
  readonly status: number;

  constructor(kind: FailureKind, status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ApiError";
    this.kind = kind;
    this.status = status;
  }

  /** Worth trying again as it is: the fault is on the way or passes by itself. */
  get isPassing(): boolean {
    return this.kind === "network" || this.kind === "timeout" || this.status >= 500 || this.status === 429;
  }
}

export type RequestOptions = {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly deadline_ms?: number;
  /** Lets the request outlive the page. */
  readonly keepalive?: boolean;
  /** A 401 speaks of a password in the body, not of the token. */
  readonly isPasswordCheck?: boolean;
  /** Goes without the token: the sign-in cookie alone speaks. */
  readonly isByCookie?: boolean;
};

/** Where the bearer token comes from, and who hears that the server no longer takes it. */
export interface Bearer {
  readonly token: string | null;
  onRefused(token: string): void;
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** Sends a form and tells meanwhile which share of it has gone, 0 to 1. */
export type Upload = (
  input: string,
  init: { headers: Headers; body: FormData; deadline_ms: number; onProgress: (share: number) => void },
) => Promise<Response>;

/** An HTTP client of one Salon server. */
export class Http {
  readonly #bearer: Bearer;
  readonly #fetch: Fetch;
  readonly #upload: Upload;

  constructor(bearer: Bearer, fetch: Fetch, upload: Upload = uploadByRequest) {
    this.#bearer = bearer;
    this.#fetch = fetch;
    this.#upload = upload;
  }

  /**
   * The `data` of an enveloped answer; undefined if there is none.
   *
   * Throws {@link ApiError}, and nothing else, on any failure.
   */
  async data(path: string, options: RequestOptions = {}): Promise<unknown> {
    return dataOf(await this.raw(path, options));
  }

  /** Sends one file as a form's part; the `data` of the answer. Throws {@link ApiError} on any failure. */
  async upload(path: string, part: string, file: Blob, onProgress: (share: number) => void): Promise<unknown> {
    const token = this.#bearer.token;
    const body = new FormData();
    body.append(part, file);
    const init = { headers: headersFor(token), body, deadline_ms: UPLOAD_DEADLINE_MS, onProgress };
    const response = await answered(() => this.#upload(path, init));
    return dataOf(await this.#read(response, token));
  }

  /** The whole JSON body; null when the answer is empty (204). Throws {@link ApiError} on any failure. */
  async raw(path: string, options: RequestOptions = {}): Promise<unknown> {
    const token = options.isByCookie === true ? null : this.#bearer.token;
    const response = await this.#send(path, options, token);
    return this.#read(response, options.isPasswordCheck === true ? null : token);
  }

  /** `token`: which one a 401 speaks of. */
  async #read(response: Response, token: string | null): Promise<unknown> {
    const text = await response.text().catch((cause: unknown) => {
      throw new ApiError("network", 0, "The answer broke off.", { cause });
    });
    const body = parseJson(text);
    if (response.ok) {
      if (body === undefined && text !== "") throw new ApiError("malformed", response.status, "The answer is not JSON.");
      return body ?? null;
    }
    if (response.status === 401 && token !== null) this.#bearer.onRefused(token);
    throw new ApiError("refused", response.status, errorText(body) ?? response.statusText);
  }

  #send(path: string, options: RequestOptions, token: string | null): Promise<Response> {
    const headers = headersFor(token);
    const init: RequestInit = {
      method: options.method ?? "GET",
      headers,
      cache: "no-store",
      signal: AbortSignal.timeout(options.deadline_ms ?? DEADLINE_MS),
    };
    if (options.keepalive === true) init.keepalive = true;
    if (options.body !== undefined) {
      headers.set("Content-Type", "application/json");
      init.body = JSON.stringify(options.body);
    }
    return answered(() => this.#fetch(path, init));
  }
}

function headersFor(token: string | null): Headers {
  const headers = new Headers({ Accept: "application/json" });
  // A request with a bearer header needs no CSRF token: no other site can add the header.
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  return headers;
}

async function answered(request: () => Promise<Response>): Promise<Response> {
  try {
    return await request();
  } catch (cause) {
    const isLate = cause instanceof DOMException && cause.name === "TimeoutError";
    throw new ApiError(isLate ? "timeout" : "network", 0, isLate ? "No answer in time." : "No connection.", { cause });
  }
}

function dataOf(body: unknown): unknown {
  return typeof body === "object" && body !== null && "data" in body ? body.data : undefined;
}

/** Runs a parser over an answer; what it cannot read becomes an {@link ApiError}. */
export function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof MalformedError) throw new ApiError("malformed", 200, cause.message, { cause });
    throw cause;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller decides whether an unreadable body matters.
  }
}

function errorText(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const fields = new Fields(body);
  const text = fields.textOr("message", fields.textOr("error", ""));
  return text === "" ? undefined : text;
}
