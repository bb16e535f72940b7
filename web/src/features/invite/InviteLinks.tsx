import { CalendarClock, Link2, UserRoundCog } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "../../state/people";
import type { InviteLink, Planned } from "../../state/planned";
import type { Problem } from "../../state/problem";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import { Switch } from "../../ui/Switch";
import { useToast } from "../../ui/toastStore";
import { dateText } from "../meetings/meetingTime";
import { LinkField } from "../shell/LinkField";
import { problemText } from "../shell/problemText";
import css from "../schedule/Plan.module.css";

const LIFETIMES = [
  { value: "24", text: "invite.day" },
  { value: "72", text: "invite.threeDays" },
  { value: "168", text: "invite.week" },
  { value: "720", text: "invite.month" },
] as const;
const ROLE_TEXTS = {
  participant: "host.participant",
  presenter: "people.presenter",
  moderator: "people.moderator",
  host: "people.host",
} as const satisfies Record<Role, string>;
const GIVEN: readonly Role[] = ["participant", "presenter", "moderator"];

type InviteLinksProps = { planned: Planned; invites: readonly InviteLink[]; allowsGuests: boolean; isHost: boolean };

/** Makes links that carry a role, lists them, and takes them back. */
export function InviteLinks({ planned, invites, allowsGuests, isHost }: InviteLinksProps) {
  const { t, i18n } = useTranslation();
  const toast = useToast();
  const [role, setRole] = useState<Role>("participant");
  const [lifetime, setLifetime] = useState("72");
  const [takesGuests, setTakesGuests] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const create = async () => {
    setBusy(true);
    const outcome = await planned.createInvite({ role, lifetime_h: Number(lifetime), takesGuests: takesGuests && allowsGuests });
    setBusy(false);
    setProblem(outcome.ok ? null : outcome.problem);
  };
  const revoke = async (id: number) => {
    const outcome = await planned.revokeInvite(id);
    setProblem(outcome.ok ? null : outcome.problem);
    if (outcome.ok) toast(t("invite.revoked"), "ok");
  };
  return (
    <>
      <p className={css.text}>{t("invite.linksText")}</p>
      <div className={css.pair}>
        <Select
          label={t("invite.role")}
          icon={<UserRoundCog />}
          value={role}
          // A moderator may let in no more than participants.
          options={(isHost ? GIVEN : GIVEN.slice(0, 1)).map((each) => ({ value: each, text: t(ROLE_TEXTS[each]) }))}
          onChange={(value) => setRole(GIVEN.find((each) => each === value) ?? "participant")}
        />
        <Select
          label={t("invite.lifetime")}
          icon={<CalendarClock />}
          value={lifetime}
          options={LIFETIMES.map(({ value, text }) => ({ value, text: t(text) }))}
          onChange={setLifetime}
        />
      </div>
      <Switch
        label={t("invite.guests")}
        checked={takesGuests && allowsGuests}
        disabled={!allowsGuests}
        onChange={setTakesGuests}
        {...(!allowsGuests && { hint: t("invite.guestsOff") })}
      />
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
      <Button icon={<Link2 aria-hidden="true" />} busy={isBusy} onClick={() => void create()} data-testid="make-invite">
        {t("invite.create")}
      </Button>
      <ul className={css.links} data-testid="invite-links">
        {invites.map((invite) => {
          const date = dateText(invite.expiresAt, i18n.language, new Date());
          const named = t(ROLE_TEXTS[invite.role]);
          return (
            <li key={invite.id} className={css.links}>
              <div className={css.link}>
                <p>
                  <span className={css.linkRole}>{named}</span>
                  <span className={css.linkMeta}>
                    {[t("invite.until", { date }), invite.takesGuests && t("invite.withGuests")].filter(Boolean).join(" · ")}
                  </span>
                </p>
                <Button
                  size="small"
                  data-testid="revoke-invite"
                  aria-label={t("invite.revokeNamed", { role: named, date })}
                  onClick={() => void revoke(invite.id)}
                >
                  {t("invite.revoke")}
                </Button>
              </div>
              {invite.link !== null && (
                <>
                  <LinkField link={invite.link} label={t("invite.link")} />
                  <p className={css.linkMeta}>{t("invite.once")}</p>
                </>
              )}
            </li>
          );
        })}
      </ul>
      {invites.length === 0 && <p className={css.linkMeta}>{t("invite.none")}</p>}
    </>
  );
}
