import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Entrance } from "../../state/entrance";
import type { Problem } from "../../state/problem";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "../account/PasswordField";
import { emailFault, newPasswordFault } from "../account/validation";
import { problemText } from "../shell/problemText";
import { useToast } from "../../ui/toastStore";
import { EntryCard } from "./EntryCard";
import css from "./Entry.module.css";

/** The code of the letter and a new password. `sentTo`: where a letter has just gone, if one has. */
export function ResetScreen({ entrance, sentTo }: { entrance: Entrance; sentTo: string | null }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [, go] = useLocation();
  const [email, setEmail] = useState(sentTo ?? "");
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [isChecked, setChecked] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const faults = { email: emailFault(email), code: code.trim() === "", password: newPasswordFault(password) };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (isBusy || faults.email !== undefined || faults.code || faults.password !== undefined) return;
    setBusy(true);
    const outcome = await entrance.reset(email, code.trim(), password);
    setBusy(false);
    if (outcome.ok) {
      toast(t("entry.resetDone"), "ok");
      go("/");
    } else setProblem(outcome.problem);
  };
  return (
    <EntryCard
      title={t(sentTo === null ? "entry.resetTitle" : "entry.sentTitle")}
      text={sentTo === null ? t("account.passwordHint") : t("entry.sentText", { email: sentTo })}
    >
      <form className={css.form} onSubmit={(event) => void submit(event)} noValidate>
        {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
        {sentTo === null && (
          <TextField
            label={t("account.email")}
            name="email"
            type="email"
            autoComplete="email"
            maxLength={100}
            value={email}
            error={isChecked && faults.email !== undefined ? t(faults.email) : undefined}
            onChange={(event) => setEmail(event.target.value.trim())}
          />
        )}
        <TextField
          className={css.code}
          label={t("entry.code")}
          name="code"
          placeholder="ABCD-2345"
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={20}
          value={code}
          error={isChecked && faults.code ? t("account.required") : undefined}
          onChange={(event) => setCode(event.target.value)}
        />
        <PasswordField
          label={t("entry.newPassword")}
          autoComplete="new-password"
          value={password}
          hint={t("account.passwordHint")}
          error={isChecked && faults.password !== undefined ? t(faults.password) : undefined}
          onChange={setPassword}
        />
        <Button type="submit" look="primary" size="large" wide busy={isBusy}>
          {t("entry.setPassword")}
        </Button>
        <details className={css.help}>
          <summary>{t("entry.noLetter")}</summary>
          <p>{t("entry.noLetterText")}</p>
        </details>
        <div className={css.ways}>
          <Button look="quiet" size="small" onClick={() => go("/")}>
            {t("entry.backToSignIn")}
          </Button>
          <Button look="quiet" size="small" onClick={() => go("/forgot-password")}>
            {t("entry.again")}
          </Button>
        </div>
      </form>
    </EntryCard>
  );
}
