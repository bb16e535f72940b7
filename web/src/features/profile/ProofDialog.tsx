import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Outcome } from "../../state/problem";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "../account/PasswordField";
import { problemText } from "../shell/problemText";
import { useAction } from "./useAction";
import css from "./Profile.module.css";

type ProofDialogProps<T> = {
  title: string;
  text: string;
  confirm: string;
  look?: "primary" | "danger";
  send: (password: string, code: string) => Promise<Outcome<T>>;
  onDone: (value: T) => void;
  onClose: () => void;
};

/** Asks for password and second factor before the second factor itself is touched. */
export function ProofDialog<T>({ title, text, confirm, look = "primary", send, onDone, onClose }: ProofDialogProps<T>) {
  const { t } = useTranslation();
  const { isBusy, problem, run } = useAction();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [isChecked, setChecked] = useState(false);
  const missing = (value: string) => (isChecked && value === "" ? t("account.required") : undefined);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (password !== "" && code.trim() !== "") void run(() => send(password, code.trim()), onDone);
  };
  return (
    <Dialog title={title} description={text} closeLabel={t("common.close")} onClose={onClose}>
      <form className={css.form} onSubmit={submit} noValidate>
        {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
        <PasswordField
          label={t("account.password")}
          name="proof-password"
          autoComplete="current-password"
          value={password}
          error={missing(password)}
          onChange={setPassword}
        />
        <TextField
          label={t("factor.proof")}
          name="proof-code"
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={20}
          value={code}
          error={missing(code.trim())}
          onChange={(event) => setCode(event.target.value)}
        />
        <div className={css.dialogActions}>
          <Button onClick={onClose}>{t("profile.cancel")}</Button>
          <Button type="submit" look={look} busy={isBusy} data-testid="proof-confirm">
            {confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
