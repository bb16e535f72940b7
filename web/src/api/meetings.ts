/** The meeting service: list, create, join, leave, participants, messages. */

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
};

export type NewMeeting = {
  readonly title: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly password: string;
};

export type Admission = { readonly roomId: string; readonly meeting: MeetingView | null };

export type ParticipantView = {
  readonly userId: number;
  readonly role: number;
  /** Empty if the person chose none, or the server does not tell. */
  readonly nickname: string;
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
        title: meeting.title,
        start_time: meeting.startsAt.toISOString(),
        end_time: meeting.endsAt.toISOString(),
        meeting_type: "video",
        ...(meeting.password === "" ? {} : { password: meeting.password }),
      },
    });
    return understood(() => parseMeeting(new Fields(data).object("meeting")));
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
