/** The media library: files of one's own, and what the server makes of them. */

import type { Slice } from "./admin";
import { understood, type Http } from "./http";
import { Fields } from "./parse";
import { DELETE_DEADLINE_MS, ownUrl } from "./recordings";

export type FileKind = "video" | "audio" | "image" | "document" | "other";

export type FileView = {
  readonly id: string;
  readonly name: string;
  readonly kind: FileKind;
  readonly mime: string;
  readonly bytes: number;
  /** 0 if it has none, or it is not known. */
  readonly duration_s: number;
  readonly width: number;
  readonly height: number;
  readonly status: "uploaded" | "processing" | "processed" | "error";
  readonly thumbnailUrl: string | null;
  readonly createdAt: Date;
};

export type JobView = {
  readonly status: "pending" | "processing" | "completed" | "failed";
  /** 0 to 100. */
  readonly progress: number;
  readonly error: string;
};

export const FILES_PAGE = 24;
const BASE = "/api/v1/media";
const KINDS: readonly string[] = ["video", "audio", "image", "document"];

/** Calls of the media library. Every method throws `ApiError`. */
export class MediaApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async list(kind: FileKind | "", page: number): Promise<Slice<FileView>> {
    const query = new URLSearchParams({ page: String(page), page_size: String(FILES_PAGE) });
    if (kind !== "") query.set("file_type", kind);
    const data = await this.#http.data(`${BASE}?${query}`);
    return understood(() => {
      const fields = new Fields(data);
      const total = fields.number("total");
      return { items: fields.objects("media_files").map(parseFile), total, hasMore: page * FILES_PAGE < total };
    });
  }

  async remove(id: string): Promise<void> {
    await this.#http.raw(`${BASE}/${encodeURIComponent(id)}`, { method: "DELETE", deadline_ms: DELETE_DEADLINE_MS });
  }

  /** Begins to make a picture, or another format, of a file; the job's id. */
  async process(id: string, operation: "thumbnail" | "transcode"): Promise<string> {
    const body = await this.#http.raw(`${BASE}/process`, { method: "POST", body: { file_id: id, operation, parameters: {} } });
    return understood(() => new Fields(body).text("job_id"));
  }

  async job(jobId: string): Promise<JobView> {
    const body = await this.#http.raw(`/api/v1/ffmpeg/job/${encodeURIComponent(jobId)}/status`);
    return understood(() => {
      const job = new Fields(body).object("job");
      const status = job.text("status");
      return {
        status: status === "processing" || status === "completed" || status === "failed" ? status : "pending",
        progress: job.numberOr("progress", 0),
        error: job.textOr("error", ""),
      };
    });
  }
}

/** Where a file's bytes are. */
export function fileUrl(id: string): string {
  return `${BASE}/download/${encodeURIComponent(id)}`;
}

function parseFile(fields: Fields): FileView {
  const kind = fields.textOr("file_type", "");
  const status = fields.textOr("status", "");
  return {
    id: fields.text("file_id"),
    name: fields.textOr("original_name", fields.textOr("file_name", "")),
    kind: KINDS.includes(kind) ? (kind as FileKind) : "other",
    mime: fields.textOr("mime_type", ""),
    bytes: fields.numberOr("file_size", 0),
    duration_s: fields.numberOr("duration", 0),
    width: fields.numberOr("width", 0),
    height: fields.numberOr("height", 0),
    status: status === "processing" || status === "processed" || status === "error" ? status : "uploaded",
    thumbnailUrl: ownUrl(fields.textOr("thumbnail_path", "")),
    createdAt: fields.instant("created_at"),
  };
}
