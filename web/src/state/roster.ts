/** Who is in the room by signaling, and what is known of their microphones and cameras. Pure. */

import { applyAction, type MediaAction, type MediaState, type SessionInfo } from "../rtc/messages";

/** A session of somebody, perhaps another tab of ours. */
export type Member = SessionInfo & {
  /** Has told us its state; clients of other makers never do. */
  readonly tells: { readonly audio: boolean; readonly video: boolean };
  /** Since when the room does not list them though they may be back at once; null while they are here. */
  readonly awaySince_ms: number | null;
};

export type RosterChange = { readonly arrived: readonly Member[]; readonly gone: readonly Member[] };

/** The name to show for somebody. */
export function shownName({ nickname, username }: { nickname: string; username: string }): string {
  return nickname === "" ? username : nickname;
}

/** The sessions of a room but our own, in the order of their arrival; that order never changes. */
export class Roster {
  readonly #members = new Map<string, Member>();

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /**
   * Takes the list of a ROOM_INFO.
   *
   * `mayReturn` says of somebody who is no longer in it that their line only broke: they keep their place, until they
   * are back or {@link expire} lets them go.
   */
  replace(sessions: readonly SessionInfo[], now_ms: number, mayReturn: (member: Member) => boolean): RosterChange {
    const arrived: Member[] = [];
    const present = new Set<string>();
    for (const session of sessions) {
      if (session.isSelf) continue;
      present.add(session.peerId);
      const before = this.#members.get(session.peerId);
      const member = { ...session, tells: toldBy(session.media, before?.tells), awaySince_ms: null };
      this.#members.set(session.peerId, member);
      if (before === undefined) arrived.push(member);
    }
    const gone: Member[] = [];
    for (const member of this.members.filter(({ peerId }) => !present.has(peerId))) {
      if (member.awaySince_ms !== null) continue;
      if (mayReturn(member)) this.#members.set(member.peerId, { ...member, awaySince_ms: now_ms });
      else gone.push(member);
    }
    this.#remove(gone);
    return { arrived, gone };
  }

  /** Lets go of whoever has been away since that time or longer. */
  expire(since_ms: number): readonly Member[] {
    const gone = this.members.filter(({ awaySince_ms }) => awaySince_ms !== null && awaySince_ms <= since_ms);
    this.#remove(gone);
    return gone;
  }

  /** Takes one MEDIA_CONTROL. */
  apply(peerId: string, action: MediaAction): void {
    const member = this.#members.get(peerId);
    if (member === undefined) return;
    const isAudio = action === "mute" || action === "unmute";
    const tells = { audio: member.tells.audio || isAudio, video: member.tells.video || !isAudio };
    this.#members.set(peerId, { ...member, media: applyAction(member.media, action), tells });
  }

  #remove(members: readonly Member[]): void {
    for (const { peerId } of members) this.#members.delete(peerId);
  }
}

function toldBy(media: MediaState, before: Member["tells"] | undefined): Member["tells"] {
  return {
    audio: media.audio || (before?.audio ?? false),
    video: media.video || media.screen || (before?.video ?? false),
  };
}
