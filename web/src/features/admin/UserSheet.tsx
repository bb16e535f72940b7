import { Ban, RotateCcw, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "../../state/account";
import type { Administration, ManagedAccount } from "../../state/administration";
import type { Outcome, Problem } from "../../state/problem";
import { rankName, Standing, whyOutOfReach } from "../../state/ranks";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { useToast } from "../../ui/toastStore";
import { adminProblem } from "./adminProblem";
import { DeleteDialog } from "./DeleteDialog";
import { momentText } from "./moment";
import { RankBadge, StandingBadge } from "./UserBadges";
import { UserForm } from "./UserForm";
import css from "./UserSheet.module.css";

type UserSheetProps = {
  administration: Administration;
  before: ManagedAccount;
  me: Person;
  onChanged: () => void;
  onClose: () => void;
};

/** One account: what is known of it, and what an administrator may change. */
export function UserSheet({ administration, before, me, onChanged, onClose }: UserSheetProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const [account, setAccount] = useState(before);
  const [asks, setAsks] = useState<"ban" | "delete" | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const reach = whyOutOfReach(account, me);
  useEffect(() => {
    // The list may be older than the account.
    void administration.account(before.id).then((outcome) => {
      if (outcome.ok) setAccount(outcome.value);
    });
  }, [administration, before.id]);
  const show = (changed: ManagedAccount) => {
    setAccount(changed);
    onChanged();
  };
  const run = async (request: Promise<Outcome<null>>, status: number, done: string) => {
    setBusy(true);
    const outcome = await request;
    setBusy(false);
    setAsks(null);
    setProblem(outcome.ok ? null : outcome.problem);
    if (!outcome.ok) return;
    toast(done, "ok");
    show({ ...account, status });
  };
  const { name } = account;
  const isBanned = account.status === Standing.BANNED;
  return (
    <>
      <Dialog shape="sheet" title={name} closeLabel={t("common.close")} onClose={onClose}>
        <div className={css.face}>
          <Avatar name={name} />
          <span className={css.badges}>
            <RankBadge rank={rankName(account.rank)} />
            <StandingBadge status={account.status} />
          </span>
        </div>
        <Facts account={account} />
        {problem !== null && <Notice tone="error">{adminProblem(t, problem)}</Notice>}
        {reach !== null && <Notice tone="info">{t(`admin.account.${reach}`)}</Notice>}
        {/* Made anew when the account became another one, so that its fields begin with what is now true. */}
        <UserForm
          key={`${account.rank}/${account.status}/${account.nickname}/${account.phone}`}
          administration={administration}
          account={account}
          myRank={me.rank}
          reach={reach}
          onSaved={show}
        />
        <section className={css.danger} aria-label={t("admin.account.danger")}>
          {isBanned ? (
            <Button
              icon={<RotateCcw aria-hidden="true" />}
              disabled={reach !== null}
              busy={isBusy}
              data-testid="unban-button"
              onClick={() => void run(administration.unban(account.id), Standing.ACTIVE, t("admin.account.unbanned", { name }))}
            >
              {t("admin.account.unban")}
            </Button>
          ) : (
            <Button icon={<Ban aria-hidden="true" />} disabled={reach !== null} data-testid="ban-button" onClick={() => setAsks("ban")}>
              {t("admin.account.ban")}
            </Button>
          )}
          <Button icon={<Trash2 aria-hidden="true" />} disabled={reach !== null} data-testid="delete-button" onClick={() => setAsks("delete")}>
            {t("admin.account.delete")}
          </Button>
        </section>
      </Dialog>
      {asks === "ban" && (
        <ConfirmDialog
          title={t("admin.account.banTitle", { name })}
          text={t("admin.account.banText")}
          confirm={t("admin.account.ban")}
          cancel={t("admin.cancel")}
          closeLabel={t("common.close")}
          onConfirm={() => run(administration.ban(account.id), Standing.BANNED, t("admin.account.banned", { name }))}
          onClose={() => setAsks(null)}
        />
      )}
      {asks === "delete" && (
        <DeleteDialog
          administration={administration}
          account={account}
          onClose={() => setAsks(null)}
          onDeleted={() => {
            onChanged();
            onClose();
          }}
        />
      )}
    </>
  );
}

function Facts({ account }: { account: ManagedAccount }) {
  const { t, i18n } = useTranslation();
  const { id, username, email, lastSignIn, createdAt } = account;
  const facts = [
    [t("account.username"), username],
    [t("admin.account.email"), email],
    [t("admin.account.number"), String(id)],
    [t("admin.account.lastSignIn"), lastSignIn === null ? t("admin.account.never") : momentText(lastSignIn, i18n.language)],
    [t("admin.account.created"), momentText(createdAt, i18n.language)],
  ] as const;
  return (
    <dl className={css.facts} aria-label={t("admin.account.details")}>
      {facts.map(([head, text]) => (
        <div key={head}>
          <dt>{head}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
