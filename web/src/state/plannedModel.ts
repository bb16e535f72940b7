/** Loads and changes one meeting. */

import { ApiError } from "../api/http";
import type { InvitesApi, InviteView } from "../api/invites";
import type { MeetingsApi, MeetingView, Scope } from "../api/meetings";
import { allSettings, meetingCard } from "./meetingsModel";
import { roleNumber, roleOf, type Role } from "./people";
import type { Change, InviteLink, Planned, PlannedMeeting, PlannedState } from "./planned";
import { problemOf, type Outcome } from "./problem";
import { Value, type Readable } from "./readable";

const MINUTE_MS = 60_000;

export type PlannedOptions = {
  readonly meetings: MeetingsApi;
  readonly invites: InvitesApi;
  readonly meetingId: number;
  readonly personId: number;
  readonly origin: string;
  /** The lists elsewhere are out of date. */
  readonly onChanged: () => void;
};

export class PlannedModel implements Planned {
  readonly #options: PlannedOptions;
  readonly #state = new Value<PlannedState>({ state: "loading", problem: null, meeting: null, invites: null });
  #view: MeetingView | null = null;

  constructor(options: PlannedOptions) {
    this.#options = options;
  }

  get state(): Readable<PlannedState> {
    return this.#state;
  }

  reload(): void {
    void this.#load();
  }

  async save({ title, startsAt, password, details }: Change, scope: Scope): Promise<Outcome<null>> {
    const { meetings, meetingId } = this.#options;
    const before = this.#view;
    if (before === null) throw new Error("nothing is loaded that could be changed");
    const endsAt = new Date(startsAt.getTime() + details.duration_min * MINUTE_MS);
    return this.#change(async () => {
      const view = await meetings.update(
        meetingId,
        {
          title,
          startsAt,
          endsAt,
          password,
          description: details.description,
          maxParticipants: details.seats,
          settings: allSettings(details.switches, before.switches),
        },
        scope,
      );
      this.#show(view);
    });
  }

  async cancel(scope: Scope): Promise<Outcome<null>> {
    return this.#change(() => this.#options.meetings.cancel(this.#options.meetingId, scope));
  }

  async createInvite(options: { role: Role; lifetime_h: number; takesGuests: boolean }): Promise<Outcome<InviteLink>> {
    const { invites, meetingId } = this.#options;
    try {
      const view = await invites.create(meetingId, { ...options, role: roleNumber(options.role) });
      const link = this.#link(view);
      this.#state.update((state) => ({ ...state, invites: [link, ...(state.invites ?? [])] }));
      return { ok: true, value: link };
    } catch (error) {
      return { ok: false, problem: problemOf(error) };
    }
  }

  async revokeInvite(inviteId: number): Promise<Outcome<null>> {
    return this.#change(async () => {
      await this.#options.invites.revoke(this.#options.meetingId, inviteId);
      this.#state.update((state) => ({ ...state, invites: state.invites?.filter(({ id }) => id !== inviteId) ?? null }));
    });
  }

  async mail(emails: readonly string[], message: string): Promise<Outcome<null>> {
    return this.#change(() => this.#options.invites.mail(this.#options.meetingId, emails, message));
  }

  async #load(): Promise<void> {
    const { meetings, meetingId } = this.#options;
    try {
      this.#show(await meetings.get(meetingId));
    } catch (error) {
      this.#state.update((state) => ({ ...state, state: "failed", problem: problemOf(error) }));
      return;
    }
    await this.#loadInvites();
  }

  async #loadInvites(): Promise<void> {
    try {
      const views = await this.#options.invites.list(this.#options.meetingId);
      const made = new Map(this.#state.value.invites?.map((invite) => [invite.id, invite.link]));
      const invites = views.map((view) => ({ ...this.#link(view), link: made.get(view.id) ?? null }));
      this.#state.update((state) => ({ ...state, invites }));
    } catch (error) {
      const isForbidden = error instanceof ApiError && (error.status === 403 || error.status === 404);
      if (!isForbidden) console.warn("salon: the invite links could not be loaded", error);
    }
  }

  async #change(request: () => Promise<void>): Promise<Outcome<null>> {
    try {
      await request();
      this.#options.onChanged();
      return { ok: true, value: null };
    } catch (error) {
      return { ok: false, problem: problemOf(error) };
    }
  }

  #show(view: MeetingView): void {
    this.#view = view;
    const { personId, origin } = this.#options;
    const meeting: PlannedMeeting = {
      ...meetingCard(view, personId, origin),
      isSeries: view.seriesId !== null,
      calendarPath: `/api/v1/meetings/${view.id}/calendar.ics`,
      details: {
        description: view.description,
        duration_min: Math.max(1, Math.round((view.endsAt.getTime() - view.startsAt.getTime()) / MINUTE_MS)),
        seats: view.maxParticipants,
        switches: view.switches,
        recurrence: view.recurrence,
        timeZone: view.timeZone,
      },
    };
    this.#state.update((state) => ({ ...state, state: "ready", problem: null, meeting }));
  }

  #link({ id, role, takesGuests, expiresAt, token }: InviteView): InviteLink {
    const link = token === null ? null : `${this.#options.origin}/invite/${encodeURIComponent(token)}`;
    return { id, role: roleOf(role), takesGuests, expiresAt, link };
  }
}
