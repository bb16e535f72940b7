/** The people list: sessions gathered into people, with the roles the meeting gives them. */

import type { MeetingsApi } from "../api/meetings";
import type { MediaState } from "../rtc/messages";
import type { Person } from "./account";
import type { PersonHere, Role } from "./people";
import { Value, type Readable } from "./readable";
import { shownName, type Member } from "./roster";

const ROLES = new Map<number, Role>([
  [1, "participant"],
  [2, "moderator"],
  [3, "presenter"],
  [4, "host"],
]);

export class PeopleModel {
  readonly #api: MeetingsApi;
  readonly #meetingId: number;
  readonly #person: Person;
  readonly #people: Value<readonly PersonHere[]>;
  #roles: ReadonlyMap<number, Role> = new Map();
  #nicknames: ReadonlyMap<number, string> = new Map();
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

  async #loadRoles(): Promise<void> {
    try {
      const participants = await this.#api.participants(this.#meetingId);
      this.#roles = new Map(participants.map(({ userId, role }) => [userId, ROLES.get(role) ?? "participant"]));
      this.#nicknames = new Map(
        participants.filter(({ nickname }) => nickname !== "").map(({ userId, nickname }) => [userId, nickname]),
      );
      this.#people.set(this.#view());
    } catch (error) {
      // Everybody is shown as a participant until the next newcomer.
      console.warn("salon: the roles could not be loaded", error);
      this.#askedFor = new Set();
    }
  }

  #view(): readonly PersonHere[] {
    const people = new Map<number, PersonHere>();
    const add = (userId: number, name: string, isYou: boolean, media: MediaState): void => {
      const before = people.get(userId);
      people.set(userId, {
        userId,
        name: before?.name ?? name,
        isYou,
        role: this.#roles.get(userId) ?? "participant",
        // With several tabs open, one that is on is enough to be heard or seen.
        isMuted: (before?.isMuted ?? true) && !media.audio,
        isCameraOn: (before?.isCameraOn ?? false) || media.video,
        isSharing: (before?.isSharing ?? false) || media.screen,
      });
    };
    add(this.#person.id, this.#person.name, true, this.#own);
    for (const member of this.#members) {
      add(member.userId, shownName(member), member.userId === this.#person.id, member.media);
    }
    return [...people.values()];
  }
}
