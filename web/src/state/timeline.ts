/** What is drawn of a recording: a lane for each person, chapters, and who is seen and heard when. Pure. */

import type { Span, TimelineView, TrackView } from "../api/recordings";

export type { Span, TrackView };

export type Lane = {
  /** All streams of one person: they may have come several times. */
  readonly streams: readonly string[];
  readonly name: string;
  /** When there is something of them at all. */
  readonly present: readonly Span[];
  readonly speech: readonly Span[];
  /** When something of them is missing. */
  readonly gaps: readonly Span[];
  readonly tracks: readonly TrackView[];
};

export type ChapterKind = "joined" | "left" | "share_started" | "share_stopped" | "started" | "stopped" | "warning";
export type Chapter = { readonly at_s: number; readonly kind: ChapterKind; readonly name: string };

export type TimelinePicture = {
  readonly title: string;
  readonly startedAt: Date;
  readonly duration_s: number;
  readonly lanes: readonly Lane[];
  readonly chapters: readonly Chapter[];
};

const CHAPTERS: readonly string[] = ["joined", "left", "share_started", "share_stopped", "started", "stopped", "warning"];

/** The picture of a timeline: people in the order in which they came, everything within the duration. */
export function pictureOf(view: TimelineView): TimelinePicture {
  const { duration_s } = view;
  const people = new Map<string, { name: string; streams: string[] }>();
  for (const { stream, userId, name } of view.people) {
    const key = userId === null ? `stream ${stream}` : String(userId);
    const person = people.get(key) ?? { name, streams: [] };
    people.set(key, { name: person.name === "" ? name : person.name, streams: [...person.streams, stream] });
  }
  const known = new Set(view.people.map(({ stream }) => stream));
  for (const { stream } of view.tracks) {
    if (!known.has(stream)) people.set(`stream ${stream}`, { name: "", streams: [stream] });
  }
  const lanes = [...people.values()].map(({ name, streams }): Lane => {
    const isTheirs = ({ stream }: { readonly stream: string }): boolean => streams.includes(stream);
    const tracks = view.tracks.filter(isTheirs);
    return {
      name,
      streams,
      tracks,
      present: merged(tracks, duration_s),
      speech: merged(view.speech.filter(isTheirs), duration_s),
      gaps: merged(view.gaps.filter(isTheirs), duration_s),
    };
  });
  const firstSeen = ({ present }: Lane): number => present[0]?.start_s ?? Number.POSITIVE_INFINITY;
  return {
    title: view.title,
    startedAt: view.startedAt,
    duration_s,
    // Who sent nothing has nothing to show; the chapters tell that they were there.
    lanes: lanes.filter(({ tracks }) => tracks.length > 0).sort((a, b) => firstSeen(a) - firstSeen(b)),
    chapters: view.chapters
      .flatMap((chapter) => (CHAPTERS.includes(chapter.kind) ? [{ ...chapter, kind: chapter.kind as ChapterKind }] : []))
      .map((chapter) => ({ ...chapter, at_s: Math.min(chapter.at_s, duration_s) }))
      .sort((a, b) => a.at_s - b.at_s),
  };
}

/** Spans in order, those that touch as one, cut to what there is. */
export function merged(spans: readonly Span[], duration_s: number): Span[] {
  const result: { start_s: number; end_s: number }[] = [];
  const inOrder = spans
    .map(({ start_s, end_s }) => ({ start_s: Math.max(0, start_s), end_s: Math.min(duration_s, end_s) }))
    .filter(({ start_s, end_s }) => end_s > start_s)
    .sort((a, b) => a.start_s - b.start_s);
  for (const span of inOrder) {
    const last = result.at(-1);
    if (last !== undefined && span.start_s <= last.end_s) last.end_s = Math.max(last.end_s, span.end_s);
    else result.push(span);
  }
  return result;
}

export function isWithin(spans: readonly Span[], at_s: number): boolean {
  return spans.some(({ start_s, end_s }) => start_s <= at_s && at_s < end_s);
}
