/** Lists, deletes and works on files. */

import { fileUrl, type FileKind, type FileView, type MediaApi } from "../api/media";
import type { OpenTransfer } from "../api/tusUpload";
import type { Clock } from "../rtc/clock";
import type { FileJob, Library } from "./library";
import { PagedListModel } from "./pagedList";
import { outcomeOf, problemOf, type Outcome } from "./problem";
import { Value, type Readable } from "./readable";
import { UploadsModel } from "./uploadsModel";

const LOOK_AGAIN_MS = 1500;

export class LibraryModel implements Library {
  readonly files: PagedListModel<FileKind | "", FileView>;
  readonly uploads: UploadsModel;
  readonly #api: MediaApi;
  readonly #clock: Clock;
  readonly #jobs = new Value<ReadonlyMap<string, FileJob>>(new Map());
  readonly #waits = new Map<string, () => void>();
  #isClosed = false;

  constructor(api: MediaApi, openTransfer: OpenTransfer, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
    this.files = new PagedListModel<FileKind | "", FileView>((kind, page) => api.list(kind, page), clock, "");
    this.uploads = new UploadsModel(openTransfer, clock, () => this.files.reload());
  }

  get jobs(): Readable<ReadonlyMap<string, FileJob>> {
    return this.#jobs;
  }

  async remove(id: string): Promise<Outcome<null>> {
    const outcome = await outcomeOf(() => this.#api.remove(id));
    if (outcome.ok) this.files.reload();
    return outcome.ok ? { ok: true, value: null } : outcome;
  }

  process(id: string, operation: FileJob["operation"]): void {
    if (this.#jobs.value.get(id)?.state === "running") return;
    this.#tell(id, { operation, state: "running", progress: 0, error: "", problem: null });
    void this.#work(id, operation);
  }

  url(id: string): string {
    return fileUrl(id);
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#waits.values()) end();
    this.uploads.close();
  }

  async #work(id: string, operation: FileJob["operation"]): Promise<void> {
    try {
      const jobId = await this.#api.process(id, operation);
      await this.#follow(id, jobId, operation);
    } catch (error) {
      this.#tell(id, { operation, state: "failed", progress: 0, error: "", problem: problemOf(error) });
    }
  }

  async #follow(id: string, jobId: string, operation: FileJob["operation"]): Promise<void> {
    for (;;) {
      const job = await this.#api.job(jobId);
      if (this.#isClosed) return;
      if (job.status === "completed" || job.status === "failed") {
        const state = job.status === "completed" ? "done" : "failed";
        this.#tell(id, { operation, state, progress: 100, error: job.error, problem: null });
        this.files.reload();
        return;
      }
      this.#tell(id, { operation, state: "running", progress: job.progress, error: "", problem: null });
      await new Promise<void>((resolve) => this.#waits.set(id, this.#clock.after(LOOK_AGAIN_MS, resolve)));
    }
  }

  #tell(id: string, job: FileJob): void {
    if (!this.#isClosed) this.#jobs.update((jobs) => new Map(jobs).set(id, job));
  }
}
