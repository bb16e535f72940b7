/** The recordings: lists, how far each is, what is needed to play one. */

import { understood, type Http } from "./http";
import { Fields, objects } from "./parse";
import type { Slice } from "./admin";

export type RecordingStatus = "recording" | "processing" | "completed" | "failed";
export type RenditionKind = "composite" | "mix" | "tracks" | "thumbnail";
export type RenditionState = "pending" | "processing" | "ready" | "failed";

/** A file that is made of a recording. */
export type RenditionView = {
  readonly kind: RenditionKind;
  readonly state: RenditionState;
  /** 0 to 100. */
  readonly progress: number;
  /** Why it failed, in the server's words; empty otherwise. */
  readonly error: string;
  /** null as long as there is nothing to fetch. */
  readonly url: string | null;
  readonly bytes: number;
};

export type RecordingView = {
  readonly id: string;
  readonly meetingId: number;
  readonly title: string;
  readonly status: RecordingStatus;
  readonly startedAt: Date;
  readonly duration_s: number;
  readonly bytes: number;
  readonly byUserId: number;
  readonly byUsername: string;
  readonly warning: string;
  readonly thumbnailUrl: string | null;
  readonly renditions: readonly RenditionView[];
  /** Whether who asked may stop it, or have made again what failed. */
  readonly canStop: boolean;
  readonly canDelete: boolean;
};

export type TrackView = {
  readonly track: string;
  readonly stream: string;
  readonly media: "audio" | "video";
  readonly start_s: number;
  readonly end_s: number;
  readonly url: string;
};

export type Span = { readonly start_s: number; readonly end_s: number };

/** A recording as a player needs it; all times from its start. */
export type TimelineView = {
  readonly title: string;
  readonly startedAt: Date;
  readonly duration_s: number;
  readonly people: readonly { readonly stream: string; readonly userId: number | null; readonly name: string }[];
  readonly tracks: readonly TrackView[];
  readonly speech: readonly (Span & { readonly stream: string })[];
  readonly chapters: readonly { readonly at_s: number; readonly kind: string; readonly name: string }[];
  readonly gaps: readonly (Span & { readonly stream: string; readonly cause: string })[];
  readonly renditions: readonly RenditionView[];
};

const BASE = "/api/v1/recording";
export const RECORDINGS_PAGE = 24;
const KINDS: readonly string[] = ["composite", "mix", "tracks", "thumbnail"];
/** The first look at a long recording has to read all of its index. */
const TIMELINE_DEADLINE_MS = 30_000;
/** A deletion waits for what is being made of the thing to end. */
export const DELETE_DEADLINE_MS = 30_000;

/** Calls about recordings. Every method throws `ApiError`. */
export class RecordingsApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async list(page: number): Promise<Slice<RecordingView>> {
    const body = await this.#http.raw(`${BASE}/list?page=${page}&page_size=${RECORDINGS_PAGE}`);
    return understood(() => {
      const fields = new Fields(body);
      const items = fields.objects("recordings").map(parseRecording);
      const total = fields.object("pagination").number("total");
      return { items, total, hasMore: page * RECORDINGS_PAGE < total };
    });
  }

  async ofMeeting(meetingId: number): Promise<Slice<RecordingView>> {
    const data = await this.#http.data(`/api/v1/meetings/${meetingId}/recordings`);
    return understood(() => {
      const items = objects(data).map(parseRecording);
      return { items, total: items.length, hasMore: false };
    });
  }

  async find(id: string): Promise<RecordingView> {
    return this.#one(`${BASE}/status/${encodeURIComponent(id)}`, "GET");
  }

  async timeline(id: string): Promise<TimelineView> {
    const body = await this.#http.raw(`${BASE}/timeline/${encodeURIComponent(id)}`, { deadline_ms: TIMELINE_DEADLINE_MS });
    return understood(() => parseTimeline(new Fields(body)));
  }

  /** Makes again what failed. */
  async retry(id: string): Promise<RecordingView> {
    return this.#one(`${BASE}/retry/${encodeURIComponent(id)}`, "POST");
  }

  async remove(id: string): Promise<void> {
    await this.#http.raw(`${BASE}/${encodeURIComponent(id)}`, { method: "DELETE", deadline_ms: DELETE_DEADLINE_MS });
  }

  async #one(path: string, method: "GET" | "POST"): Promise<RecordingView> {
    const body = await this.#http.raw(path, { method });
    return understood(() => parseRecording(new Fields(body).object("recording")));
  }
}

export function parseRecording(fields: Fields): RecordingView {
  return {
    id: fields.text("recording_id"),
    meetingId: Number(fields.text("meeting_id")),
    title: fields.textOr("title", ""),
    status: statusOf(fields.text("status")),
    startedAt: fields.instant("start_time"),
    duration_s: fields.numberOr("duration", 0),
    bytes: fields.numberOr("file_size", 0),
    byUserId: Number(fields.textOr("user_id", "0")),
    byUsername: fields.textOr("by_username", ""),
    warning: fields.textOr("warning", ""),
    thumbnailUrl: ownUrl(fields.textOr("thumbnail_path", "")),
    renditions: fields.has("renditions") ? fields.objects("renditions").flatMap(parseRendition) : [],
    canStop: fields.flag("can_stop"),
    canDelete: fields.flag("can_delete"),
  };
}

export function parseTimeline(fields: Fields): TimelineView {
  return {
    title: fields.textOr("title", ""),
    startedAt: fields.instant("started_at"),
    duration_s: Math.max(0, fields.number("duration")),
    people: fields.objects("people").map((person) => ({
      stream: person.text("stream"),
      userId: person.textOr("user_id", "") === "" ? null : Number(person.text("user_id")),
      name: person.textOr("name", ""),
    })),
    tracks: fields.objects("tracks").map((track) => ({
      track: track.text("track"),
      stream: track.text("stream"),
      media: track.text("media") === "audio" ? "audio" : "video",
      ...span(track),
      url: ownUrl(track.text("url")) ?? "",
    })),
    speech: fields.objects("speech").map((each) => ({ stream: each.text("stream"), ...span(each) })),
    chapters: fields.objects("chapters").map((each) => ({
      at_s: Math.max(0, each.number("at")),
      kind: each.text("kind"),
      name: each.textOr("name", ""),
    })),
    gaps: fields.objects("gaps").map((each) => ({ stream: each.text("stream"), cause: each.textOr("cause", ""), ...span(each) })),
    renditions: fields.objects("renditions").flatMap(parseRendition),
  };
}

function span(fields: Fields): Span {
  return { start_s: fields.number("start"), end_s: fields.number("end") };
}

/** One rendition; none if it is of a kind that a later server makes. */
function parseRendition(fields: Fields): RenditionView[] {
  const kind = fields.text("kind");
  if (!KINDS.includes(kind)) return [];
  return [
    {
      kind: kind as RenditionKind,
      state: renditionState(fields.text("state")),
      progress: Math.min(100, Math.max(0, fields.numberOr("progress", 0))),
      error: fields.textOr("error", ""),
      url: ownUrl(fields.textOr("url", "")),
      bytes: fields.numberOr("bytes", 0),
    },
  ];
}

function statusOf(text: string): RecordingStatus {
  return text === "recording" || text === "completed" || text === "failed" ? text : "processing";
}

function renditionState(text: string): RenditionState {
  return text === "processing" || text === "ready" || text === "failed" ? text : "pending";
}

/** An address on this server, or null: nothing foreign is ever loaded. */
export function ownUrl(path: string): string | null {
  return path.startsWith("/") && !path.startsWith("//") ? path : null;
}
