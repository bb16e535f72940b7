/** Reads a transcript page by page. */

import type { TranscriptLine, TranscriptPage } from "../api/transcripts";

type FetchPage = (page: number) => Promise<TranscriptPage>;

/** The newest lines, at most `limit` and some more; oldest first. */
export async function lastLines(fetch: FetchPage, limit: number): Promise<readonly TranscriptLine[]> {
  const first = await fetch(1);
  const pages = Math.ceil(first.total / first.pageSize);
  const from = Math.max(2, pages - Math.ceil(limit / first.pageSize) + 1);
  const lines = from > 2 ? [] : [...first.lines];
  for (let page = from; page <= pages; page += 1) lines.push(...(await fetch(page)).lines);
  return lines;
}
