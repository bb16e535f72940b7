/** The meeting service: list, create, join, leave, participants, messages. */

import { ownPicture } from "./accounts";
import { understood, type Http } from "./http";
import { Fields, objects } from "./parse";

export const MeetingStatus = { SCHEDULED: 1, ACTIVE: 2, ENDED: 3, CANCELLED: 4 } as const;

export type MeetingView = {
  readonly id: number;
  readonly title: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly status: number;
  readonly creatorId: number;
  readonly maxParticipants: number;
  readonly hasPassword: boolean;
  readonly description: string;
  readonly switches: MeetingSwitches;
  /** null: it stands alone. */
  readonly seriesId: number | null;
  /** An RFC 5545 rule; empty if it does not repeat. */
  readonly recurrence: string;
  readonly timeZone: string;
};

/** The settings as they take effect. */
export type MeetingSwitches = {
  readonly chat: boolean;
  readonly screenShare: boolean;
  readonly muteOnJoin: boolean;
  readonly approval: boolean;
  readonly guests: boolean;
  readonly audio: boolean;
  readonly video: boolean;
  readonly recording: boolean;
  readonly ai: boolean;
};

export type NewMeeting = {
  readonly title: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** null: as it is; empty: none. */
  readonly password: string | null;
  readonly description?: string;
  readonly maxParticipants?: number;
  /** Only what differs from a plain meeting. */
  readonly settings?: Readonly<Record<string, boolean>>;
  readonly recurrence?: string;
  readonly timeZone?: string;
};

/** How much of a series a change means. */
export type Scope = "this" | "following" | "all";

export type Admission = { readonly roomId: string; readonly meeting: MeetingView | null };

export type ParticipantView = {
  readonly userId: number;
  readonly role: number;
  /** Empty if the person chose none, or the server does not tell. */
  readonly nickname: string;
  readonly avatarUrl: string | null;
};

export type StoredMessage = {
  readonly id: number;
  readonly messageId: string;
  readonly userId: number;
  readonly username: string;
  readonly content: string;
  readonly createdAt: Date;
};

/** How many of the latest meetings the list asks for. */
const LIST_SIZE = 100;

/** Calls of the meeting service. Every method throws `ApiError`. */
export class MeetingsApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async list(): Promise<MeetingView[]> {
    const data = await this.#http.data(`/api/v1/meetings?page=1&page_size=${LIST_SIZE}`);
    return understood(() => new Fields(data).objects("list").map(parseMeeting));
  }

  async get(meetingId: number): Promise<MeetingView> {
    const data = await this.#http.data(`/api/v1/meetings/${meetingId}`);
    return understood(() => parseMeeting(new Fields(data)));
  }

  async create(meeting: NewMeeting): Promise<MeetingView> {
    const data = await this.#http.data("/api/v1/meetings", {
      method: "POST",
      body: {
        meeting_type: "video",
        ...planBody(meeting),
        ...(meeting.recurrence === undefined || meeting.recurrence === ""
          ? {}
          : { recurrence: meeting.recurrence, time_zone: meeting.timeZone }),
      },
    });
    return understood(() => parseMeeting(new Fields(data).object("meeting")));
  }

  async update(meetingId: number, meeting: NewMeeting, scope: Scope): Promise<MeetingView> {
    const body = planBody(meeting);
    const data = await this.#http.data(`/api/v1/meetings/${meetingId}${scopeQuery(scope)}`, { method: "PUT", body });
    return understood(() => parseMeeting(new Fields(data)));
  }

  /** Takes the meeting away; who is in it is sent home. */
  async cancel(meetingId: number, scope: Scope): Promise<void> {
    await this.#http.data(`/api/v1/meetings/${meetingId}${scopeQuery(scope)}`, { method: "DELETE" });
  }

  async join(meetingId: number, password: string): Promise<Admission> {
    const data = await this.#http.data(`/api/v1/meetings/${meetingId}/join`, {
      method: "POST",
      body: { password },
      isPasswordCheck: true,
    });
    return understood(() => {
      const fields = new Fields(data);
      const meeting = fields.findObject("meeting");
      return { roomId: fields.text("room_id"), meeting: meeting === null ? null : parseMeeting(meeting) };
    });
  }

  async leave(meetingId: number): Promise<void> {
    await this.#http.data(`/api/v1/meetings/${meetingId}/leave`, { method: "POST", body: {}, keepalive: true });
  }

  async participants(meetingId: number): Promise<ParticipantView[]> {
    const data = await this.#http.data(`/api/v1/meetings/${meetingId}/participants`);
    return understood(() =>
      objects(data).map((fields) => ({
        userId: fields.number("user_id"),
        role: fields.numberOr("role", 1),
        nickname: fields.findObject("user")?.textOr("nickname", "") ?? "",
        avatarUrl: ownPicture(fields.findObject("user")?.textOr("avatar_url", "") ?? ""),
      })),
    );
  }

  /** Stored chat, newest first; only messages older than `before` (a {@link StoredMessage.id}) if it is given. */
  async messages(meetingId: number, limit: number, before: number | null): Promise<StoredMessage[]> {
    const query = before === null ? `limit=${limit}` : `limit=${limit}&before=${before}`;
    const data = await this.#http.data(`/api/v1/meetings/${meetingId}/messages?${query}`);
    return understood(() => objects(data).map(parseMessage));
  }
}

function planBody(meeting: NewMeeting): Record<string, unknown> {
  const { title, startsAt, endsAt, password, description, maxParticipants, settings } = meeting;
  return {
    title,
    start_time: startsAt.toISOString(),
    end_time: endsAt.toISOString(),
    ...(password === null ? {} : { password }),
    ...(description === undefined ? {} : { description }),
    ...(maxParticipants === undefined ? {} : { max_participants: maxParticipants }),
    ...(settings === undefined ? {} : { settings }),
  };
}

function scopeQuery(scope: Scope): string {
  return scope === "this" ? "" : `?scope=${scope}`;
}

/** `settings` shows an unset switch as off; what is not set works, so that the effect stands in `allows`. */
function parseSwitches(fields: Fields): MeetingSwitches {
  const allows = fields.findObject("allows");
  const settings = fields.findObject("settings");
  return {
    chat: allows?.flag("chat") ?? true,
    screenShare: allows?.flag("screen_share") ?? true,
    muteOnJoin: settings?.flag("mute_on_join") ?? false,
    approval: settings?.flag("require_approval") ?? false,
    guests: settings?.flag("allow_guests") ?? false,
    audio: allows?.flag("audio") ?? true,
    video: allows?.flag("video") ?? true,
    recording: allows?.flag("recording") ?? true,
    ai: allows?.flag("ai") ?? true,
  };
}

function parseMeeting(fields: Fields): MeetingView {
  return {
    id: fields.number("id"),
    title: fields.textOr("title", ""),
    startsAt: fields.instant("start_time"),
    endsAt: fields.instant("end_time"),
    status: fields.number("status"),
    creatorId: fields.numberOr("creator_id", 0),
    maxParticipants: fields.numberOr("max_participants", 0),
    hasPassword: fields.flag("has_password"),
    description: fields.textOr("description", ""),
    switches: parseSwitches(fields),
    seriesId: fields.has("series_id") ? fields.number("series_id") : null,
    recurrence: fields.textOr("recurrence", ""),
    timeZone: fields.textOr("time_zone", ""),
  };
}

function parseMessage(fields: Fields): StoredMessage {
  return {
    id: fields.number("id"),
    messageId: fields.text("message_id"),
    userId: fields.number("user_id"),
    username: fields.textOr("username", ""),
    content: fields.text("content"),
    createdAt: fields.instant("created_at"),
  };
}
