/** Sends a file in pieces that a broken line does not undo (tus 1.0). */

import { DetailedError, Upload } from "tus-js-client";
import { ApiError, type Bearer, type Fetch } from "./http";

const ENDPOINT = "/api/v1/media/tus";
/** In the answer to the last piece: the server has made a file of it. */
const FILE_ID = "Upload-File-Id";
/** Small enough that a broken piece costs little, large enough that the answers cost nothing. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** After these waits the person is asked. */
const WAITS_MS = [0, 1000, 3000, 5000, 10_000];

export type Transfer = {
  /** Stops for now; `start` goes on where it was. */
  pause(): void;
  start(): void;
  /** Stops for good; the server forgets what it has. Never rejects. */
  cancel(): Promise<void>;
};

export type TransferListener = {
  readonly onProgress: (sent_bytes: number) => void;
  readonly onDone: () => void;
  readonly onFailed: (error: ApiError) => void;
};

export type OpenTransfer = (file: File, listener: TransferListener) => Transfer;

/** Transfers by tus with the sign-in of `bearer`. The same file chosen again goes on where it stopped, also after a reload. */
export function tusTransfers(bearer: Bearer, fetch: Fetch): OpenTransfer {
  return (file, listener) => {
    const upload = new Upload(file, {
      endpoint: ENDPOINT,
      chunkSize: PIECE_BYTES,
      retryDelays: WAITS_MS,
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name, filetype: file.type },
      onBeforeRequest: (request) => {
        // Read for each piece: a long upload outlives a token.
        const { token } = bearer;
        if (token !== null) request.setHeader("Authorization", `Bearer ${token}`);
      },
      onShouldRetry: (error) => toApiError(error).isPassing,
      onProgress: (sent) => listener.onProgress(sent),
      onSuccess: ({ lastResponse }) => {
        if (hasHeader(lastResponse.getHeader(FILE_ID))) listener.onDone();
        else finish(upload.url ?? "", file.size, bearer, fetch).then(listener.onDone, (error: unknown) => listener.onFailed(asApiError(error)));
      },
      onError: (error) => listener.onFailed(toApiError(error)),
    });
    let isPaused = false;
    return {
      start() {
        isPaused = false;
        void begin(upload, () => isPaused);
      },
      pause() {
        isPaused = true;
        void upload.abort();
      },
      async cancel() {
        isPaused = true;
        await upload.abort(true).catch((error: unknown) => {
          console.info("salon: the server keeps an unfinished upload until it expires", error);
        });
      },
    };
  };
}

async function begin(upload: Upload, isPaused: () => boolean): Promise<void> {
  const [earlier] = await upload.findPreviousUploads().catch(() => []);
  if (isPaused()) return;
  if (upload.url === null && earlier !== undefined) upload.resumeFromPreviousUpload(earlier);
  upload.start();
}

/** All bytes came before, but the server could not make a file of them then: an empty piece lets it try again. */
async function finish(url: string, bytes: number, { token }: Bearer, fetch: Fetch): Promise<void> {
  const headers = new Headers({ "Tus-Resumable": "1.0.0", "Upload-Offset": String(bytes), "Content-Type": "application/offset+octet-stream" });
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  const response = await fetch(url, { method: "PATCH", headers });
  if (!response.ok || response.headers.get(FILE_ID) === null) throw new ApiError("refused", response.status, messageOf(await response.text()));
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError("network", 0, "No connection.", { cause: error });
}

function toApiError(error: Error): ApiError {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  const status = response?.getStatus() ?? 0;
  if (response === null || status === 0) return new ApiError("network", 0, "No connection.", { cause: error });
  return new ApiError("refused", status, messageOf(response.getBody()), { cause: error });
}

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed && typeof parsed.message === "string") return parsed.message;
  } catch {
    // Not JSON: tus lets a server answer in plain text.
  }
  return body.length <= 200 ? body : "";
}

/** The types promise undefined for a header that is not there; browsers give null. */
function hasHeader(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== "";
}
