import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "./PasswordField";
import css from "./SignInScreen.module.css";

type SignInFormProps = {
  busy: boolean;
  fault: string | undefined;
  onSubmit: (form: { username: string; password: string }) => void;
};

/** Name and password of somebody who has an account. */
export function SignInForm({ busy, fault, onSubmit }: SignInFormProps) {
  const { t } = useTranslation();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [isChecked, setChecked] = useState(false);
  const missing = (value: string) => (isChecked && value === "" ? t("account.required") : undefined);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (username.trim() !== "" && password !== "") {
      onSubmit({ username: username.trim(), password });
    }
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      {fault !== undefined && <Notice tone="error">{fault}</Notice>}
      <TextField
        label={t("account.usernameOrEmail")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={username}
        error={missing(username)}
        onChange={(event) => setUsername(event.target.value)}
      />
      <PasswordField
        label={t("account.password")}
        autoComplete="current-password"
        value={password}
        error={missing(password)}
        onChange={setPassword}
      />
      <Link href="/forgot-password" className={css.forgot}>
        {t("entry.forgot")}
      </Link>
      <Button type="submit" look="primary" size="large" wide busy={busy}>
        {t("account.signIn")}
      </Button>
    </form>
  );
}
