/** The people list: sessions gathered into people, with the roles the meeting gives them. */

import type { MeetingsApi } from "../api/meetings";
import type { MediaState } from "../rtc/messages";
import type { Person } from "./account";
import { roleOf, type PersonHere, type Role } from "./people";
import { Value, type Readable } from "./readable";
import { shownName, type Member } from "./roster";

type Face = { readonly name: string; readonly avatarUrl: string | null };
type Held = { readonly audio: boolean; readonly video: boolean };

export class PeopleModel {
  readonly #api: MeetingsApi;
  readonly #meetingId: number;
  readonly #person: Person;
  readonly #people: Value<readonly PersonHere[]>;
  #roles: ReadonlyMap<number, Role> = new Map();
  /** As the room tells them; newer than what was loaded. */
  #liveRoles: ReadonlyMap<number, number> = new Map();
  #nicknames: ReadonlyMap<number, string> = new Map();
  #avatars: ReadonlyMap<number, string | null> = new Map();
  #members: readonly Member[] = [];
  #own: MediaState = { audio: false, video: false, screen: false };
  #askedFor = new Set<number>();

  constructor(api: MeetingsApi, meetingId: number, person: Person) {
    this.#api = api;
    this.#meetingId = meetingId;
    this.#person = person;
    this.#people = new Value(this.#view());
  }

  get people(): Readable<readonly PersonHere[]> {
    return this.#people;
  }

  /** The name somebody goes by, also after they left; null if they chose none or are not known yet. */
  nicknameOf(userId: number): string | null {
    const here = this.#members.find((member) => member.userId === userId)?.nickname ?? "";
    return here === "" ? (this.#nicknames.get(userId) ?? null) : here;
  }

  /** Their picture, also after they left; null if they have none or are not known yet. */
  avatarOf(userId: number): string | null {
    const here = this.#members.find((member) => member.userId === userId);
    return here === undefined ? (this.#avatars.get(userId) ?? null) : here.avatarUrl;
  }

  /** Shows these sessions and our own. */
  show(members: readonly Member[], own: MediaState): void {
    this.#members = members;
    this.#own = own;
    this.#people.set(this.#view());
    const unknown = [this.#person.id, ...members.map(({ userId }) => userId)].filter((id) => !this.#askedFor.has(id));
    if (unknown.length === 0) return;
    for (const id of unknown) this.#askedFor.add(id);
    void this.#loadRoles();
  }

  /** Takes the roles of those in the room. */
  setRoles(roles: ReadonlyMap<number, number>): void {
    this.#liveRoles = roles;
    this.#people.set(this.#view());
  }

  async #loadRoles(): Promise<void> {
    try {
      const participants = await this.#api.participants(this.#meetingId);
      this.#roles = new Map(participants.map(({ userId, role }) => [userId, roleOf(role)]));
      this.#nicknames = new Map(
        participants.filter(({ nickname }) => nickname !== "").map(({ userId, nickname }) => [userId, nickname]),
      );
      this.#avatars = new Map(participants.map(({ userId, avatarUrl }) => [userId, avatarUrl]));
      this.#people.set(this.#view());
    } catch (error) {
      // Everybody is shown as a participant until the next newcomer.
      console.warn("salon: the roles could not be loaded", error);
      this.#askedFor = new Set();
    }
  }

  #view(): readonly PersonHere[] {
    const people = new Map<number, PersonHere>();
    const add = (userId: number, { name, avatarUrl }: Face, isYou: boolean, media: MediaState, held: Held): void => {
      const before = people.get(userId);
      const live = this.#liveRoles.get(userId);
      people.set(userId, {
        userId,
        name: before?.name ?? name,
        avatarUrl: before?.avatarUrl ?? avatarUrl,
        isYou,
        role: live === undefined ? (this.#roles.get(userId) ?? "participant") : roleOf(live),
        // With several tabs open, one that is on is enough to be heard or seen.
        isMuted: (before?.isMuted ?? true) && !media.audio,
        isCameraOn: (before?.isCameraOn ?? false) || media.video,
        isSharing: (before?.isSharing ?? false) || media.screen,
        isAudioHeld: (before?.isAudioHeld ?? false) || held.audio,
        isVideoHeld: (before?.isVideoHeld ?? false) || held.video,
      });
    };
    add(this.#person.id, this.#person, true, this.#own, { audio: false, video: false });
    for (const member of this.#members) {
      const face = { name: shownName(member), avatarUrl: member.avatarUrl };
      add(member.userId, face, member.userId === this.#person.id, member.media, {
        audio: member.audioBlock === "held",
        video: member.videoBlock === "held",
      });
    }
    return [...people.values()];
  }
}
