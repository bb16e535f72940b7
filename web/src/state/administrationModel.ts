/** Administration over the REST API. */

import { auditFilePath, type AccountChange, type AccountView, type AdminApi, type AuditQuery, type AuditVerdict } from "../api/admin";
import type { Clock } from "../rtc/clock";
import type { Administration, AiFeed, AuditEntry, ManagedAccount, ManagedMeeting, MeetingQuery, OverviewFeed } from "./administration";
import { AiModel } from "./aiModel";
import { OverviewModel } from "./overviewModel";
import { PagedListModel, type PagedList } from "./pagedList";
import type { Sight } from "./polling";
import { problemOf, type Outcome } from "./problem";

export class AdministrationModel implements Administration {
  readonly overview: OverviewFeed;
  readonly ai: AiFeed;
  readonly #api: AdminApi;
  readonly #clock: Clock;

  constructor(api: AdminApi, clock: Clock, sight: Sight) {
    this.#api = api;
    this.#clock = clock;
    this.overview = new OverviewModel(api, clock, sight);
    this.ai = new AiModel(api, clock, sight);
  }

  accounts(): PagedList<string, ManagedAccount> {
    const fetch = async (keyword: string, page: number) => {
      const slice = await this.#api.accounts(keyword.trim(), page);
      return { ...slice, items: slice.items.map(managed) };
    };
    return new PagedListModel(fetch, this.#clock, "");
  }

  meetings(): PagedList<MeetingQuery, ManagedMeeting> {
    return new PagedListModel(
      ({ keyword, status }: MeetingQuery, page) => this.#api.meetings(keyword.trim(), status, page),
      this.#clock,
      { keyword: "", status: 0 },
    );
  }

  audit(): PagedList<AuditQuery, AuditEntry> {
    return new PagedListModel((query: AuditQuery, page) => this.#api.audit(query, page), this.#clock, {
      keyword: "",
      action: "",
      since: null,
      until: null,
    });
  }

  account(userId: number): Promise<Outcome<ManagedAccount>> {
    return outcome(async () => managed(await this.#api.account(userId)));
  }

  changeAccount(userId: number, change: AccountChange): Promise<Outcome<ManagedAccount>> {
    return outcome(async () => managed(await this.#api.changeAccount(userId, change)));
  }

  ban(userId: number): Promise<Outcome<null>> {
    return done(() => this.#api.ban(userId));
  }

  unban(userId: number): Promise<Outcome<null>> {
    return done(() => this.#api.unban(userId));
  }

  deleteAccount(userId: number): Promise<Outcome<null>> {
    return done(() => this.#api.deleteAccount(userId));
  }

  endMeeting(meetingId: number): Promise<Outcome<null>> {
    return done(() => this.#api.endMeeting(meetingId));
  }

  verifyAudit(): Promise<Outcome<AuditVerdict>> {
    return outcome(() => this.#api.verifyAudit());
  }

  auditFilePath(query: AuditQuery, format: "csv" | "json"): string {
    return auditFilePath(query, format);
  }
}

function managed({ role, ...account }: AccountView): ManagedAccount {
  return { ...account, rank: role, name: account.nickname === "" ? account.username : account.nickname };
}

function done(request: () => Promise<void>): Promise<Outcome<null>> {
  return outcome(async () => {
    await request();
    return null;
  });
}

async function outcome<T>(request: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await request() };
  } catch (error) {
    return { ok: false, problem: problemOf(error) };
  }
}
