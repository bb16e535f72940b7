/** Who is in the room by signaling, and what is known of their microphones and cameras. Pure. */

import { applyAction, type MediaAction, type MediaState, type SessionInfo } from "../rtc/messages";

/** A session of somebody, perhaps another tab of ours. */
export type Member = SessionInfo & {
  /** Has told us its state; clients of other makers never do. */
  readonly tells: { readonly audio: boolean; readonly video: boolean };
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

  /** Takes the list of a ROOM_INFO. */
  replace(sessions: readonly SessionInfo[]): RosterChange {
    const arrived: Member[] = [];
    const present = new Set<string>();
    for (const session of sessions) {
      if (session.isSelf) continue;
      present.add(session.peerId);
      const before = this.#members.get(session.peerId);
      const member = { ...session, tells: toldBy(session.media, before?.tells) };
      this.#members.set(session.peerId, member);
      if (before === undefined) arrived.push(member);
    }
    const gone = this.members.filter(({ peerId }) => !present.has(peerId));
    for (const { peerId } of gone) this.#members.delete(peerId);
    return { arrived, gone };
  }

  /** Takes one MEDIA_CONTROL. */
  apply(peerId: string, action: MediaAction): void {
    const member = this.#members.get(peerId);
    if (member === undefined) return;
    const isAudio = action === "mute" || action === "unmute";
    const tells = { audio: member.tells.audio || isAudio, video: member.tells.video || !isAudio };
    this.#members.set(peerId, { ...member, media: applyAction(member.media, action), tells });
  }
}

function toldBy(media: MediaState, before: Member["tells"] | undefined): Member["tells"] {
  return {
    audio: media.audio || (before?.audio ?? false),
    video: media.video || media.screen || (before?.video ?? false),
  };
}
