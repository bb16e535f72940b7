import { CircleDot, ShieldCheck } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Administration, ManagedAccount } from "../../state/administration";
import type { Problem } from "../../state/problem";
import { rankName, ranksUpTo, Standing, standingName } from "../../state/ranks";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { useToast } from "../../ui/toastStore";
import { adminProblem } from "./adminProblem";
import css from "./UserSheet.module.css";

type UserFormProps = {
  administration: Administration;
  account: ManagedAccount;
  myRank: number;
  reach: "self" | "above" | null;
  onSaved: (account: ManagedAccount) => void;
};

/** Changes an account. Of one's own, only what is shown to others; of one above, nothing. */
export function UserForm({ administration, account, myRank, reach, onSaved }: UserFormProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const [fields, setFields] = useState({
    nickname: account.nickname,
    phone: account.phone,
    rank: account.rank,
    status: account.status,
  });
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = (changed: Partial<typeof fields>) => setFields({ ...fields, ...changed });
  const { nickname, phone, rank, status } = fields;
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const outcome = await administration.changeAccount(account.id, {
      nickname: nickname.trim(),
      phone: phone.trim(),
      ...(rank === account.rank ? {} : { role: rank }),
      ...(status === account.status ? {} : { status }),
    });
    setBusy(false);
    setProblem(outcome.ok ? null : outcome.problem);
    if (!outcome.ok) return;
    toast(t("admin.account.saved"), "ok");
    onSaved(outcome.value);
  };
  const isSame = nickname === account.nickname && phone === account.phone && rank === account.rank && status === account.status;
  const ranks = [...new Set([...ranksUpTo(myRank), account.rank])];
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        label={t("admin.account.nickname")}
        name="nickname"
        autoComplete="off"
        maxLength={50}
        disabled={reach === "above"}
        value={nickname}
        onChange={(event) => change({ nickname: event.target.value })}
      />
      <TextField
        label={t("admin.account.phone")}
        name="phone"
        type="tel"
        autoComplete="off"
        maxLength={20}
        disabled={reach === "above"}
        value={phone}
        onChange={(event) => change({ phone: event.target.value })}
      />
      <div className={css.pair}>
        <Select
          label={t("admin.account.rank")}
          icon={<ShieldCheck />}
          value={String(rank)}
          options={ranks.map((each) => ({ value: String(each), text: t(`admin.rank.${rankName(each)}`) }))}
          disabled={reach !== null}
          onChange={(value) => change({ rank: Number(value) })}
        />
        <Select
          label={t("admin.status")}
          icon={<CircleDot />}
          value={String(status)}
          options={[Standing.ACTIVE, Standing.INACTIVE, Standing.BANNED].map((each) => ({
            value: String(each),
            text: t(`admin.standing.${standingName(each)}`),
          }))}
          disabled={reach !== null}
          onChange={(value) => change({ status: Number(value) })}
        />
      </div>
      {account.status === Standing.ACTIVE && status !== Standing.ACTIVE && <Notice tone="warn">{t("admin.account.statusCalls")}</Notice>}
      {problem !== null && <Notice tone="error">{adminProblem(t, problem)}</Notice>}
      <Button type="submit" look="primary" busy={isBusy} disabled={isSame}>
        {t("admin.account.save")}
      </Button>
    </form>
  );
}
