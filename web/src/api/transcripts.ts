/** What was said in meetings, and the minutes that are put together from it. */

import type { Slice } from "./admin";
import { understood, type Http } from "./http";
import { Fields, MalformedError } from "./parse";

/** A word with its place in the line, in seconds from the line's begin. */
export type SpokenWord = { readonly start_s: number; readonly end_s: number; readonly text: string };

export type TranscriptLine = {
  readonly id: string;
  readonly userId: number;
  readonly speaker: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly text: string;
  readonly language: string;
  /** In order; empty where the model gives none. */
  readonly words: readonly SpokenWord[];
};

/** Some lines of a transcript, in the order in which they were said. */
export type TranscriptPage = {
  readonly title: string;
  readonly startedAt: Date | null;
  readonly lines: readonly TranscriptLine[];
  /** Of all pages. */
  readonly total: number;
  /** As many as the server gives at once; it may give fewer than asked for. */
  readonly pageSize: number;
  /** Whether this person may delete the transcript. */
  readonly canDelete: boolean;
};

export type TranscriptHit = { readonly lineId: string; readonly startedAt: Date; readonly speaker: string; readonly text: string };

export type TranscriptSummary = {
  readonly meetingId: number;
  readonly title: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly lineCount: number;
  readonly speakers: readonly string[];
  /** Where what was searched for was said; empty without a search. */
  readonly hits: readonly TranscriptHit[];
};

export type MinutesKind = "decision" | "task" | "question";
export type Citation = { readonly lineId: string; readonly startedAt: Date; readonly speaker: string };
export type MinutesItem = { readonly kind: MinutesKind; readonly text: string; readonly citations: readonly Citation[] };

/** Why minutes are not the language model's, though the server has one. */
export const FALLBACKS = ["no_answer", "bad_answer", "too_long", "busy"] as const;
export type MinutesFallback = (typeof FALLBACKS)[number];

export type Minutes = {
  readonly madeAt: Date;
  /** The language model that worded the items; null: they are sentences that were said. */
  readonly madeBy: string | null;
  /** Items of the language model that nothing bears out, and that are not shown. */
  readonly leftOut: number;
  readonly fallback: MinutesFallback | null;
  readonly items: readonly MinutesItem[];
  readonly speakingTime: readonly { readonly userId: number; readonly speaker: string; readonly seconds: number }[];
};

/** A voice began, or ceased, to seem synthetic while it was listened to. A guess. */
export type VoiceNote = { readonly userId: number; readonly speaker: string; readonly isSuspicious: boolean; readonly at: Date };

/** Limits a transcript to what was said within it. */
export type Within = { readonly from: Date; readonly to: Date };

export const FORMATS = ["vtt", "srt", "txt", "json"] as const;
export type TranscriptFormat = (typeof FORMATS)[number];

const BASE = "/api/v1/ai/transcripts";
const LIST_PAGE = 20;
const LINES_PAGE = 100;
/** More changes than that no reader looks at. */
const NOTES_LIMIT = 1000;
/** The minutes are made when they are asked for; the server waits up to two minutes for a language model. */
const MINUTES_DEADLINE_MS = 150_000;

/** Calls about transcripts. Every method throws `ApiError`. */
export class TranscriptsApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Meetings with a transcript, newest first; with a search only those where it was said. */
  async list(search: string, page: number): Promise<Slice<TranscriptSummary>> {
    const query = new URLSearchParams({ page: String(page), page_size: String(LIST_PAGE) });
    if (search.trim() !== "") query.set("q", search.trim());
    const data = await this.#http.data(`${BASE}?${query}`);
    return understood(() => {
      const fields = new Fields(data);
      const total = fields.number("total");
      const pageSize = Math.max(1, fields.numberOr("page_size", LIST_PAGE));
      return { items: fields.objects("transcripts").map(parseSummary), total, hasMore: page * pageSize < total };
    });
  }

  async lines(meetingId: number, page: number, within?: Within): Promise<TranscriptPage> {
    const query = new URLSearchParams({ page: String(page), page_size: String(LINES_PAGE) });
    if (within !== undefined) {
      query.set("from", within.from.toISOString());
      query.set("to", within.to.toISOString());
    }
    const data = await this.#http.data(`${BASE}/${meetingId}?${query}`);
    return understood(() => parseTranscriptPage(new Fields(data)));
  }

  /** What was noted about voices, oldest first; for who may delete the transcript, and only where a server listens for it. */
  async voices(meetingId: number): Promise<readonly VoiceNote[]> {
    const data = await this.#http.data(`${BASE}/${meetingId}/voices`);
    return understood(() => parseVoiceNotes(new Fields(data)));
  }

  async minutes(meetingId: number): Promise<Minutes> {
    const data = await this.#http.data(`/api/v1/ai/minutes/${meetingId}`, { deadline_ms: MINUTES_DEADLINE_MS });
    return understood(() => parseMinutes(new Fields(data)));
  }

  /** Takes the transcript and its minutes away for everybody. */
  async remove(meetingId: number): Promise<void> {
    await this.#http.data(`${BASE}/${meetingId}`, { method: "DELETE" });
  }
}

/** Where a browser fetches the file; with a recording, its times count from that recording's begin. */
export function transcriptFile(meetingId: number, format: TranscriptFormat, recordingId?: string): string {
  const query = new URLSearchParams({ format });
  if (recordingId !== undefined) query.set("recording_id", recordingId);
  return `${BASE}/${meetingId}/download?${query}`;
}

export function parseTranscriptPage(fields: Fields): TranscriptPage {
  return {
    title: fields.textOr("title", ""),
    startedAt: fields.has("started_at") ? fields.instant("started_at") : null,
    lines: fields.objects("lines").map(parseLine),
    total: fields.number("total"),
    pageSize: Math.max(1, fields.numberOr("page_size", LINES_PAGE)),
    canDelete: fields.flag("can_delete"),
  };
}

export function parseVoiceNotes(fields: Fields): readonly VoiceNote[] {
  return fields.objects("notes").slice(0, NOTES_LIMIT).flatMap(parseVoiceNote);
}

export function parseMinutes(fields: Fields): Minutes {
  return {
    madeAt: fields.instant("made_at"),
    madeBy: fields.has("made_by") ? fields.text("made_by") : null,
    leftOut: Math.max(0, fields.numberOr("left_out", 0)),
    fallback: parseFallback(fields.textOr("fallback", "")),
    items: fields.objects("items").flatMap(parseItem),
    speakingTime: fields.objects("speaking_time").map((each) => ({
      userId: each.number("user_id"),
      speaker: each.textOr("speaker", ""),
      seconds: Math.max(0, each.number("seconds")),
    })),
  };
}

function parseLine(fields: Fields): TranscriptLine {
  return {
    id: fields.text("line_id"),
    userId: fields.numberOr("user_id", 0),
    speaker: fields.textOr("speaker", ""),
    startedAt: fields.instant("started_at"),
    endedAt: fields.instant("ended_at"),
    text: fields.text("text"),
    language: fields.textOr("language", ""),
    words: fields.has("words") ? fields.lists("words").map(parseWord) : [],
  };
}

/** One note; none if it is of a state that a later server has. */
function parseVoiceNote(fields: Fields): VoiceNote[] {
  const state = fields.text("state");
  if (state !== "suspicious" && state !== "ok") return [];
  return [{ userId: fields.numberOr("user_id", 0), speaker: fields.textOr("speaker", ""), isSuspicious: state === "suspicious", at: fields.instant("at") }];
}

function parseWord([start, end, text]: readonly unknown[]): SpokenWord {
  if (typeof start !== "number" || typeof end !== "number" || typeof text !== "string") throw new MalformedError("word", "[start, end, text]");
  return { start_s: start, end_s: end, text };
}

function parseSummary(fields: Fields): TranscriptSummary {
  return {
    meetingId: fields.number("meeting_id"),
    title: fields.textOr("title", ""),
    startedAt: fields.instant("started_at"),
    endedAt: fields.has("ended_at") ? fields.instant("ended_at") : null,
    lineCount: fields.numberOr("line_count", 0),
    speakers: fields.has("speakers") ? fields.texts("speakers") : [],
    hits: fields.has("hits") ? fields.objects("hits").map((hit) => ({ ...parseCitation(hit), text: hit.text("text") })) : [],
  };
}

function parseCitation(fields: Fields): Citation {
  return { lineId: fields.text("line_id"), startedAt: fields.instant("started_at"), speaker: fields.textOr("speaker", "") };
}

/** Of a reason that a later server has, the plainest: that the model gave no answer. */
function parseFallback(reason: string): MinutesFallback | null {
  return reason === "" ? null : (FALLBACKS.find((known) => known === reason) ?? "no_answer");
}

/** One item; none if it is of a kind that a later server makes, or if nothing bears it out. */
function parseItem(fields: Fields): MinutesItem[] {
  const kind = fields.text("kind");
  const citations = fields.objects("citations").map(parseCitation);
  if ((kind !== "decision" && kind !== "task" && kind !== "question") || citations.length === 0) return [];
  return [{ kind, text: fields.text("text"), citations }];
}
