/** What only administrators may call: accounts, all meetings, live figures, the audit log. */

import { parseAiFigures, type AiFigures } from "./aiFigures";
import { understood, type Http } from "./http";
import { Fields } from "./parse";

/** How many entries a page of a list has. */
export const PAGE_SIZE = 20;
/** Walking a long log takes its time. */
const VERIFY_DEADLINE_MS = 120_000;
const FEED = "/api/v1/admin";

export type AccountView = {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly nickname: string;
  readonly phone: string;
  readonly role: number;
  readonly status: number;
  /** null: never. */
  readonly lastSignIn: Date | null;
  readonly createdAt: Date;
};

export type AccountChange = {
  readonly nickname: string;
  readonly phone: string;
  /** Absent: as it is. */
  readonly role?: number;
  readonly status?: number;
};

export type LivePerson = { readonly id: number; readonly name: string };

export type LiveRoom = {
  readonly meetingId: number;
  readonly title: string;
  readonly openedAt: Date;
  readonly peopleCount: number;
  /** Not necessarily all of them. */
  readonly people: readonly LivePerson[];
};

export type MeetingCounts = {
  readonly scheduled: number;
  readonly active: number;
  readonly ended: number;
  readonly cancelled: number;
};

export type LiveFigures = { readonly rooms: number; readonly people: number; readonly sessions: number };

export type ManagedMeeting = {
  readonly id: number;
  readonly title: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly status: number;
  readonly creatorId: number;
  /** null: the account is gone. */
  readonly creatorName: string | null;
};

export type AuditQuery = {
  readonly keyword: string;
  /** An action, or its noun with a dot; empty: all. */
  readonly action: string;
  readonly since: Date | null;
  readonly until: Date | null;
};

export type AuditView = {
  readonly id: number;
  readonly at: Date;
  readonly action: string;
  readonly outcome: string;
  readonly actorId: number | null;
  readonly actorName: string;
  readonly target: string;
  readonly meetingId: number | null;
  readonly address: string;
  readonly username: string;
  readonly userIds: readonly number[];
  /** The same as JSON text. */
  readonly details: string;
  readonly hash: string;
};

export type AuditVerdict = { readonly isWhole: boolean; readonly rows: number; readonly fault: string };

/** One page; `total` is null where the server does not count. */
export type Slice<T> = { readonly items: readonly T[]; readonly total: number | null; readonly hasMore: boolean };

/** Calls of administrators. Every method throws `ApiError`. */
export class AdminApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async figures(): Promise<LiveFigures> {
    const body = await this.#http.raw("/api/v1/stats/overview");
    return understood(() => parseFigures(new Fields(body)));
  }

  /** The fullest rooms, and how many there are. */
  async rooms(): Promise<readonly LiveRoom[]> {
    const data = await this.#http.data("/api/v1/stats/live");
    return understood(() => new Fields(data).objects("list").map(parseRoom));
  }

  async meetingCounts(): Promise<MeetingCounts> {
    const data = await this.#http.data(`${FEED}/meetings/stats`);
    return understood(() => {
      const fields = new Fields(data);
      return {
        scheduled: fields.number("scheduled"),
        active: fields.number("active"),
        ended: fields.number("ended"),
        cancelled: fields.number("cancelled"),
      };
    });
  }

  async ai(): Promise<AiFigures> {
    const data = await this.#http.data(`${FEED}/ai`);
    return understood(() => parseAiFigures(new Fields(data)));
  }

  async countAccounts(): Promise<number> {
    const data = await this.#http.data(`${FEED}/users?page=1&page_size=1`);
    return understood(() => new Fields(data).number("total"));
  }

  async accounts(keyword: string, page: number): Promise<Slice<AccountView>> {
    const data = await this.#http.data(`${FEED}/users?${paged(page, { keyword })}`);
    return understood(() => slice(new Fields(data), page, parseAccount));
  }

  async account(userId: number): Promise<AccountView> {
    const data = await this.#http.data(`${FEED}/users/${userId}`);
    return understood(() => parseAccount(new Fields(data)));
  }

  async changeAccount(userId: number, change: AccountChange): Promise<AccountView> {
    const data = await this.#http.data(`${FEED}/users/${userId}`, { method: "PUT", body: change });
    return understood(() => parseAccount(new Fields(data)));
  }

  async ban(userId: number): Promise<void> {
    await this.#http.data(`${FEED}/users/${userId}/ban`, { method: "POST" });
  }

  async unban(userId: number): Promise<void> {
    await this.#http.data(`${FEED}/users/${userId}/unban`, { method: "POST" });
  }

  async deleteAccount(userId: number): Promise<void> {
    await this.#http.data(`${FEED}/users/${userId}`, { method: "DELETE" });
  }

  async meetings(keyword: string, status: number, page: number): Promise<Slice<ManagedMeeting>> {
    const data = await this.#http.data(`${FEED}/meetings?${paged(page, { keyword, status: String(status) })}`);
    return understood(() => {
      const items = new Fields({ list: data }).objects("list").map(parseMeeting);
      // The list has no count: a full page may be followed by another one.
      return { items, total: null, hasMore: items.length === PAGE_SIZE };
    });
  }

  /** Ends a meeting for everybody in it. */
  async endMeeting(meetingId: number): Promise<void> {
    await this.#http.data(`${FEED}/meetings/${meetingId}/force-end`, { method: "POST" });
  }

  async audit(query: AuditQuery, page: number): Promise<Slice<AuditView>> {
    const data = await this.#http.data(`${FEED}/audit?${paged(page, auditFields(query))}`);
    return understood(() => slice(new Fields(data), page, parseAuditEntry));
  }

  async verifyAudit(): Promise<AuditVerdict> {
    const data = await this.#http.data(`${FEED}/audit/verify`, { deadline_ms: VERIFY_DEADLINE_MS });
    return understood(() => {
      const fields = new Fields(data);
      return { isWhole: fields.flag("whole"), rows: fields.number("rows"), fault: fields.textOr("fault", "") };
    });
  }
}

/** Where the part of the log that matches is to be had as a file; the sign-in's cookie opens it. */
export function auditFilePath(query: AuditQuery, format: "csv" | "json"): string {
  return `${FEED}/audit/export?${new URLSearchParams({ ...auditFields(query), format })}`;
}

function auditFields({ keyword, action, since, until }: AuditQuery): Record<string, string> {
  return {
    ...(keyword === "" ? {} : { keyword }),
    ...(action === "" ? {} : { action }),
    ...(since === null ? {} : { since: since.toISOString() }),
    ...(until === null ? {} : { until: until.toISOString() }),
  };
}

function paged(page: number, fields: Record<string, string>): string {
  return String(new URLSearchParams({ page: String(page), page_size: String(PAGE_SIZE), ...fields }));
}

function slice<T>(fields: Fields, page: number, parse: (fields: Fields) => T): Slice<T> {
  return {
    items: fields.objects("list").map(parse),
    total: fields.number("total"),
    hasMore: page < fields.number("total_pages"),
  };
}

function parseFigures(fields: Fields): LiveFigures {
  const rooms = fields.object("room_details");
  return {
    rooms: fields.number("active_rooms"),
    people: rooms.names.reduce((sum, name) => sum + rooms.number(name), 0),
    sessions: fields.number("active_sessions"),
  };
}

function parseRoom(fields: Fields): LiveRoom {
  return {
    meetingId: fields.number("meeting_id"),
    title: fields.textOr("title", ""),
    openedAt: fields.instant("opened_at"),
    peopleCount: fields.number("user_count"),
    people: fields.objects("people").map((person) => ({ id: person.number("id"), name: nameIn(person) })),
  };
}

function parseAccount(fields: Fields): AccountView {
  return {
    id: fields.number("id"),
    username: fields.text("username"),
    email: fields.textOr("email", ""),
    nickname: fields.textOr("nickname", ""),
    phone: fields.textOr("phone", ""),
    role: fields.number("role"),
    status: fields.number("status"),
    lastSignIn: fields.has("last_login") ? fields.instant("last_login") : null,
    createdAt: fields.instant("created_at"),
  };
}

function parseMeeting(fields: Fields): ManagedMeeting {
  const creator = fields.findObject("creator");
  return {
    id: fields.number("id"),
    title: fields.textOr("title", ""),
    startsAt: fields.instant("start_time"),
    endsAt: fields.instant("end_time"),
    status: fields.number("status"),
    creatorId: fields.numberOr("creator_id", 0),
    creatorName: creator === null ? null : nameIn(creator),
  };
}

function parseAuditEntry(fields: Fields): AuditView {
  const details = fields.object("details");
  return {
    id: fields.number("id"),
    at: fields.instant("at"),
    action: fields.text("action"),
    outcome: fields.text("outcome"),
    actorId: fields.has("actor_id") ? fields.number("actor_id") : null,
    actorName: fields.textOr("actor_name", ""),
    target: fields.textOr("target", ""),
    meetingId: fields.has("meeting_id") ? fields.number("meeting_id") : null,
    address: fields.textOr("address", ""),
    username: details.textOr("username", ""),
    userIds: details.numbersOr("users", []),
    details: details.toText(),
    hash: fields.textOr("row_hash", ""),
  };
}

function nameIn(fields: Fields): string {
  const nickname = fields.textOr("nickname", "");
  return nickname === "" ? fields.text("username") : nickname;
}
