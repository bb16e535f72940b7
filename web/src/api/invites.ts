/** Links by which people without a place come into a meeting, with or without an account. */

import { understood, type Http } from "./http";
import { Fields, objects } from "./parse";

export type InviteView = {
  readonly id: number;
  readonly role: number;
  readonly takesGuests: boolean;
  readonly expiresAt: Date;
  /** Only just after it was made: the server keeps no copy. */
  readonly token: string | null;
};

export type NewInvite = { readonly role: number; readonly lifetime_h: number; readonly takesGuests: boolean };

/** What a link leads to, for whoever holds it. */
export type InvitePreview = {
  readonly title: string;
  readonly host: string;
  readonly startsAt: Date | null;
  readonly takesGuests: boolean;
};

export type GuestPass = { readonly token: string; readonly meetingId: number };

/** Calls of invite links. Every method throws `ApiError`. */
export class InvitesApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async list(meetingId: number): Promise<InviteView[]> {
    const data = await this.#http.data(`/api/v1/meetings/${meetingId}/invites`);
    return understood(() => objects(data).map(parseInvite));
  }

  async create(meetingId: number, { role, lifetime_h, takesGuests }: NewInvite): Promise<InviteView> {
    const body = { role, expires_in_h: lifetime_h, guests: takesGuests };
    const data = await this.#http.data(`/api/v1/meetings/${meetingId}/invites`, { method: "POST", body });
    return understood(() => parseInvite(new Fields(data)));
  }

  async revoke(meetingId: number, inviteId: number): Promise<void> {
    await this.#http.data(`/api/v1/meetings/${meetingId}/invites/${inviteId}`, { method: "DELETE" });
  }

  async preview(token: string): Promise<InvitePreview> {
    const data = await this.#http.data(`/api/v1/invites/${encodeURIComponent(token)}`);
    return understood(() => {
      const fields = new Fields(data);
      const host = fields.findObject("host");
      return {
        title: fields.textOr("title", ""),
        host: host === null ? fields.textOr("host", "") : host.textOr("nickname", host.textOr("username", "")),
        startsAt: fields.has("start_time") ? fields.instant("start_time") : null,
        takesGuests: fields.textOr("needs", "account") === "guest_ok",
      };
    });
  }

  /** Takes the place that the link gives; the number of its meeting. */
  async accept(token: string): Promise<number> {
    const data = await this.#http.data(`/api/v1/invites/${encodeURIComponent(token)}/accept`, { method: "POST", body: {} });
    return understood(() => new Fields(data).number("meeting_id"));
  }

  /** Comes in without an account, under this name. */
  async enterAsGuest(token: string, nickname: string): Promise<GuestPass> {
    const data = await this.#http.data("/api/v1/auth/guest", { method: "POST", body: { invite: token, nickname } });
    return understood(() => {
      const fields = new Fields(data);
      return { token: fields.text("token"), meetingId: fields.number("meeting_id") };
    });
  }

  /** Mails the invitation with its calendar entry. */
  async mail(meetingId: number, emails: readonly string[], message: string): Promise<void> {
    const body = { emails, ...(message === "" ? {} : { message }) };
    await this.#http.data(`/api/v1/meetings/${meetingId}/invitations`, { method: "POST", body });
  }
}

function parseInvite(fields: Fields): InviteView {
  return {
    id: fields.number("id"),
    role: fields.numberOr("role", 1),
    takesGuests: fields.flag("guests"),
    expiresAt: fields.instant("expires_at"),
    token: fields.has("token") ? fields.text("token") : null,
  };
}
