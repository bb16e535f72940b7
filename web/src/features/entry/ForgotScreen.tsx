import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Entrance } from "../../state/entrance";
import type { Problem } from "../../state/problem";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { emailFault } from "../account/validation";
import { problemText } from "../shell/problemText";
import { EntryCard } from "./EntryCard";
import css from "./Entry.module.css";

type ForgotScreenProps = { entrance: Entrance; email: string; onSent: (email: string) => void };

/** Asks for a code by mail. What it says is the same for every address. */
export function ForgotScreen({ entrance, email: before, onSent }: ForgotScreenProps) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [email, setEmail] = useState(before);
  const [isChecked, setChecked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const fault = isChecked ? emailFault(email) : undefined;
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (isBusy || emailFault(email) !== undefined) return;
    setBusy(true);
    const outcome = await entrance.forgot(email);
    setBusy(false);
    if (outcome.ok) onSent(email);
    else setProblem(outcome.problem);
  };
  return (
    <EntryCard title={t("entry.forgotTitle")} text={t("entry.forgotText")}>
      <form className={css.form} onSubmit={(event) => void submit(event)} noValidate>
        {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
        <TextField
          label={t("account.email")}
          name="email"
          type="email"
          autoComplete="email"
          maxLength={100}
          value={email}
          error={fault && t(fault)}
          onChange={(event) => setEmail(event.target.value.trim())}
        />
        <Button type="submit" look="primary" size="large" wide busy={isBusy}>
          {t("entry.send")}
        </Button>
        <div className={css.ways}>
          <Button look="quiet" size="small" onClick={() => go("/")}>
            {t("entry.backToSignIn")}
          </Button>
          <Button look="quiet" size="small" onClick={() => go("/reset-password")}>
            {t("entry.haveCode")}
          </Button>
        </div>
      </form>
    </EntryCard>
  );
}
