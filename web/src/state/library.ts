/** The media library. */

import type { FileKind, FileView } from "../api/media";
import type { PagedList } from "./pagedList";
import type { Outcome, Problem } from "./problem";
import type { Readable } from "./readable";
import type { Uploads } from "./uploads";

export type { FileKind, FileView };

/** Work the server does on a file. */
export type FileJob = {
  readonly operation: "thumbnail" | "transcode";
  readonly state: "running" | "done" | "failed";
  /** 0 to 100. */
  readonly progress: number;
  /** In the server's words. */
  readonly error: string;
  readonly problem: Problem | null;
};

export interface Library {
  readonly files: PagedList<FileKind | "", FileView>;
  readonly uploads: Uploads;
  /** By the file's id. */
  readonly jobs: Readable<ReadonlyMap<string, FileJob>>;
  remove(id: string): Promise<Outcome<null>>;
  process(id: string, operation: FileJob["operation"]): void;
  /** Where a file's bytes are. */
  url(id: string): string;
  close(): void;
}
