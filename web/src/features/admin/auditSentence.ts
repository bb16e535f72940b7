import type { TFunction } from "i18next";
import type { enAdmin } from "../../i18n/en.admin";
import type { AuditEntry } from "../../state/administration";

type Did = keyof (typeof enAdmin)["admin"]["did"];

/** Everything that is told in a sentence. The server may know more: that is shown as it calls it. */
const DID = {
  user_registered: true,
  user_signed_in: true,
  user_sign_in_failed: true,
  user_signed_out: true,
  user_password_changed: true,
  user_reset_requested: true,
  user_password_reset: true,
  user_second_factor_enabled: true,
  user_second_factor_disabled: true,
  user_recovery_codes_renewed: true,
  user_identity_linked: true,
  user_identity_unlinked: true,
  user_updated: true,
  user_banned: true,
  user_unbanned: true,
  user_deleted: true,
  meeting_created: true,
  meeting_changed: true,
  meeting_started: true,
  meeting_ended: true,
  meeting_force_ended: true,
  meeting_deleted: true,
  meeting_locked: true,
  meeting_unlocked: true,
  room_opened: true,
  room_closed: true,
  series_created: true,
  series_changed: true,
  series_deleted: true,
  participant_invited: true,
  participant_admitted: true,
  participant_denied: true,
  participant_removed: true,
  participant_role_changed: true,
  participant_muted: true,
  participant_unmuted: true,
  participant_muted_all: true,
  participant_unmuted_all: true,
  invite_created: true,
  invite_revoked: true,
  invite_accepted: true,
  invitation_mailed: true,
  guest_entered: true,
} as const satisfies Record<Did, true>;

/** What an entry says, as a sentence; null for an action that has none. */
export function auditSentence(t: TFunction, entry: AuditEntry): string | null {
  const name = entry.action.replace(".", "_");
  const did = Object.keys(DID).find((each): each is Did => each === name);
  if (did === undefined) return null;
  return t(`admin.did.${did}`, { who: who(t, entry), whom: whom(t, entry), meeting: meeting(t, entry) });
}

function who(t: TFunction, { actorId, actorName }: AuditEntry): string {
  if (actorName !== "") return actorName;
  return actorId === null ? t("admin.log.server") : t("admin.userNo", { id: actorId });
}

function whom(t: TFunction, { target, username, userIds }: AuditEntry): string {
  if (username !== "") return username;
  if (userIds.length > 0) return userIds.map((id) => t("admin.userNo", { id })).join(", ");
  const id = numberOf(target, "user:");
  return id === null ? t("admin.log.somebody") : t("admin.userNo", { id });
}

function meeting(t: TFunction, { target, meetingId }: AuditEntry): string {
  const id = meetingId ?? numberOf(target, "meeting:");
  return id === null ? target : t("admin.meetingNo", { id });
}

function numberOf(target: string, noun: string): number | null {
  const number = Number(target.slice(noun.length));
  return target.startsWith(noun) && Number.isInteger(number) ? number : null;
}
