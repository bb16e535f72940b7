/** Loads and creates meetings. */

import { MeetingStatus, type MeetingsApi, type MeetingSwitches, type MeetingView } from "../api/meetings";
import { meetingLink } from "./meetingLink";
import type { MeetingCard, MeetingPlan, Meetings } from "./meetings";
import { PLAIN_SWITCHES, type PlanDetails, type Switches } from "./meetings";
import { problemOf, type Outcome } from "./problem";
import { Value, type Readable } from "./readable";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The {@link Meetings} of whoever is signed in. */
export class MeetingsModel {
  readonly #api: MeetingsApi;
  readonly #origin: string;
  readonly #meetings: Value<Meetings>;
  #personId: number | null = null;
  #loads = 0;

  constructor(api: MeetingsApi, origin: string) {
    this.#api = api;
    this.#origin = origin;
    this.#meetings = new Value(this.#empty());
  }

  get meetings(): Readable<Meetings> {
    return this.#meetings;
  }

  /** Loads the meetings of this person, or forgets all when nobody is signed in. */
  setPerson(personId: number | null): void {
    if (personId === this.#personId) return;
    this.#personId = personId;
    this.#meetings.set(this.#empty());
    if (personId !== null) this.#reload();
  }

  #empty(): Meetings {
    return {
      state: "loading",
      problem: null,
      upcoming: [],
      past: [],
      reload: () => this.#reload(),
      create: (plan) => this.#create(plan),
    };
  }

  #reload(): void {
    const personId = this.#personId;
    if (personId === null) return;
    this.#loads += 1;
    const load = this.#loads;
    if (this.#meetings.value.state === "failed") {
      this.#meetings.update((meetings) => ({ ...meetings, state: "loading", problem: null }));
    }
    this.#api.list().then(
      (views) => {
        if (load !== this.#loads || personId !== this.#personId) return;
        const cards = views.map((view) => meetingCard(view, personId, this.#origin));
        this.#meetings.update((meetings) => ({ ...meetings, state: "ready", problem: null, ...sorted(cards, new Date()) }));
      },
      (error: unknown) => {
        if (load !== this.#loads || personId !== this.#personId) return;
        this.#meetings.update((meetings) => ({ ...meetings, state: "failed", problem: problemOf(error) }));
      },
    );
  }

  async #create(plan: MeetingPlan): Promise<Outcome<MeetingCard>> {
    const startsAt = plan.startsAt ?? new Date();
    const { title, password, details } = plan;
    const duration_ms = details === undefined ? HOUR_MS : details.duration_min * MINUTE_MS;
    const endsAt = new Date(startsAt.getTime() + duration_ms);
    try {
      const created = await this.#api.create({
        title,
        startsAt,
        endsAt,
        password,
        ...(details === undefined ? {} : detailFields(details)),
      });
      const card = { ...meetingCard(created, this.#personId ?? 0, this.#origin), isMine: true };
      this.#reload();
      return { ok: true, value: { ...card, hasPassword: card.hasPassword || plan.password !== "" } };
    } catch (error) {
      return { ok: false, problem: problemOf(error) };
    }
  }
}

const SETTING_NAMES: Readonly<Record<keyof Switches, string>> = {
  approval: "require_approval",
  muteOnJoin: "mute_on_join",
  chat: "enable_chat",
  screenShare: "enable_screen_share",
  guests: "allow_guests",
};

/** Settings by their names on the wire; only those that differ from a plain meeting. */
export function changedSettings(switches: Switches): Record<string, boolean> {
  const names = Object.keys(SETTING_NAMES) as (keyof Switches)[];
  return Object.fromEntries(
    names.filter((name) => switches[name] !== PLAIN_SWITCHES[name]).map((name) => [SETTING_NAMES[name], switches[name]]),
  );
}

/** All settings by their names on the wire, as a change has to bring them. */
export function allSettings(switches: Switches, before: MeetingSwitches): Record<string, boolean> {
  const names = Object.keys(SETTING_NAMES) as (keyof Switches)[];
  return {
    enable_audio: before.audio,
    enable_video: before.video,
    enable_recording: before.recording,
    enable_ai: before.ai,
    ...Object.fromEntries(names.map((name) => [SETTING_NAMES[name], switches[name]])),
  };
}

function detailFields({ description, seats, switches, recurrence, timeZone }: PlanDetails) {
  return { description, maxParticipants: seats, settings: changedSettings(switches), recurrence, timeZone };
}

/** A meeting as the list shows it. */
export function meetingCard(view: MeetingView, personId: number, origin: string): MeetingCard {
  return {
    id: view.id,
    title: view.title,
    startsAt: view.startsAt,
    endsAt: view.endsAt,
    isRunning: view.status === MeetingStatus.ACTIVE,
    isOver: view.status === MeetingStatus.ENDED || view.status === MeetingStatus.CANCELLED,
    hasPassword: view.hasPassword,
    seats: view.maxParticipants,
    isMine: view.creatorId === personId,
    link: meetingLink(view.id, origin),
  };
}

/** Splits meetings into what is to come (running first, then by start) and what is past (latest first). */
export function sorted(cards: readonly MeetingCard[], now: Date): Pick<Meetings, "upcoming" | "past"> {
  const isPast = (card: MeetingCard): boolean => card.isOver || (!card.isRunning && card.endsAt < now);
  const byStart = (one: MeetingCard, other: MeetingCard): number => one.startsAt.getTime() - other.startsAt.getTime();
  const upcoming = cards
    .filter((card) => !isPast(card))
    .sort((one, other) => Number(other.isRunning) - Number(one.isRunning) || byStart(one, other));
  return { upcoming, past: cards.filter(isPast).sort((one, other) => byStart(other, one)) };
}
