/** What the server tells administrators of its models. */

import type { Fields } from "./parse";

export type ModelUse = "recordings" | "captions";

export type ModelInUse = {
  readonly use: ModelUse;
  readonly name: string;
  readonly title: string;
  readonly isRemote: boolean;
  /** Why it cannot be used, in the words of the server; null: it can. */
  readonly problem: string | null;
};

export type WorkerPool = {
  readonly use: ModelUse;
  readonly workers: number;
  readonly busy: number;
  readonly waiting: number;
  readonly done: number;
  readonly refused: number;
  readonly failed: number;
  readonly restarts: number;
  /** Seconds of work for one second of sound. */
  readonly realTimeFactor: number;
  /** null: nothing was answered yet. */
  readonly latencyP50_s: number | null;
  readonly latencyP95_s: number | null;
};

export type CaptionPace = {
  readonly meetings: number;
  readonly waiting: number;
  readonly lines: number;
  readonly lagP50_s: number | null;
  readonly lagP95_s: number | null;
  /** Speech without a line. */
  readonly late_s: number;
  readonly failed_s: number;
};

export type AiFigures = {
  readonly models: readonly ModelInUse[];
  readonly pools: readonly WorkerPool[];
  readonly captions: CaptionPace;
};

export function parseAiFigures(fields: Fields): AiFigures {
  return {
    models: fields.objects("models").map(parseModel),
    pools: fields.objects("pools").map(parsePool),
    captions: parsePace(fields.object("captions")),
  };
}

function parseModel(fields: Fields): ModelInUse {
  return {
    use: purposeIn(fields),
    name: fields.text("name"),
    title: fields.text("title"),
    isRemote: fields.flag("is_remote"),
    problem: fields.has("problem") ? fields.text("problem") : null,
  };
}

function parsePool(fields: Fields): WorkerPool {
  return {
    use: purposeIn(fields),
    workers: fields.number("workers"),
    busy: fields.number("busy"),
    waiting: fields.number("waiting"),
    done: fields.number("done"),
    refused: fields.number("refused"),
    failed: fields.number("failed"),
    restarts: fields.number("restarts"),
    realTimeFactor: fields.number("real_time_factor"),
    latencyP50_s: numberOrNull(fields, "latency_p50_s"),
    latencyP95_s: numberOrNull(fields, "latency_p95_s"),
  };
}

function parsePace(fields: Fields): CaptionPace {
  return {
    meetings: fields.number("meetings"),
    waiting: fields.number("waiting"),
    lines: fields.number("lines"),
    lagP50_s: numberOrNull(fields, "lag_p50_s"),
    lagP95_s: numberOrNull(fields, "lag_p95_s"),
    late_s: fields.number("late_s"),
    failed_s: fields.number("failed_s"),
  };
}

function purposeIn(fields: Fields): ModelUse {
  return fields.text("use") === "captions" ? "captions" : "recordings";
}

function numberOrNull(fields: Fields, name: string): number | null {
  return fields.has(name) ? fields.number(name) : null;
}
