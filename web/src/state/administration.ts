/** What administrators see and do. */

import type {
  AccountChange,
  AccountView,
  AuditQuery,
  AuditVerdict,
  AuditView,
  LiveFigures,
  LiveRoom,
  ManagedMeeting,
  MeetingCounts,
} from "../api/admin";
import type { AiFigures, ModelInUse, WorkerPool } from "../api/aiFigures";
import type { PagedList } from "./pagedList";
import type { Outcome, Problem } from "./problem";
import type { Readable } from "./readable";

export { PAGE_SIZE } from "../api/admin";
export type { AiFigures, ModelInUse, WorkerPool };
export type { AccountChange, AuditQuery, AuditVerdict, LiveRoom, ManagedMeeting, MeetingCounts };

export type ManagedAccount = Omit<AccountView, "role"> & {
  /** The nickname, else the user name. */
  readonly name: string;
  readonly rank: number;
};

export type AuditEntry = AuditView;

export type Trend = "rooms" | "people" | "sessions";

export type Overview = {
  readonly state: "loading" | "ready" | "failed";
  /** Set while the last try failed; the figures are then those of the last success. */
  readonly problem: Problem | null;
  readonly figures: (LiveFigures & { readonly accounts: number; readonly meetings: MeetingCounts }) | null;
  readonly rooms: readonly LiveRoom[];
  /** When this was so. */
  readonly sampledAt: Date;
  /** The values of the last minutes, oldest first. */
  readonly trends: Readonly<Record<Trend, readonly number[]>>;
};

/** Live figures, read again every few seconds while started and in sight. */
export interface OverviewFeed {
  readonly overview: Readable<Overview>;
  /** The answer stops it. */
  start(): () => void;
  reload(): void;
}

export type AiReading = {
  /** Set while the last try failed; the figures are then those of the last success. */
  readonly problem: Problem | null;
  readonly figures: AiFigures | null;
};

/** How the models do, read again every few seconds while started and in sight. */
export interface AiFeed {
  readonly reading: Readable<AiReading>;
  /** The answer stops it. */
  start(): () => void;
  reload(): void;
}

export type MeetingQuery = { readonly keyword: string; readonly status: number };

export interface Administration {
  readonly overview: OverviewFeed;
  readonly ai: AiFeed;
  accounts(): PagedList<string, ManagedAccount>;
  meetings(): PagedList<MeetingQuery, ManagedMeeting>;
  audit(): PagedList<AuditQuery, AuditEntry>;
  account(userId: number): Promise<Outcome<ManagedAccount>>;
  changeAccount(userId: number, change: AccountChange): Promise<Outcome<ManagedAccount>>;
  /** Sign-ins, sockets and media of the account end at once. */
  ban(userId: number): Promise<Outcome<null>>;
  unban(userId: number): Promise<Outcome<null>>;
  deleteAccount(userId: number): Promise<Outcome<null>>;
  endMeeting(meetingId: number): Promise<Outcome<null>>;
  verifyAudit(): Promise<Outcome<AuditVerdict>>;
  /** Where what matches is to be had as a file. */
  auditFilePath(query: AuditQuery, format: "csv" | "json"): string;
}
