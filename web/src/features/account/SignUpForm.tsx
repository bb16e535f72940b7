import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "./PasswordField";
import { checkSignUp, type SignUpForm as Form } from "./validation";
import css from "./SignInScreen.module.css";

const EMPTY: Form = { username: "", email: "", nickname: "", password: "" };

type SignUpFormProps = { busy: boolean; fault: string | undefined; onSubmit: (form: Form) => void };

/** What a new account needs. Faults show after the first try, beside their fields, and go as they are mended. */
export function SignUpForm({ busy, fault, onSubmit }: SignUpFormProps) {
  const { t } = useTranslation();
  const [form, setForm] = useState(EMPTY);
  const [isChecked, setChecked] = useState(false);
  const faults = isChecked ? checkSignUp(form) : {};
  const errorOf = (field: keyof Form) => {
    const key = faults[field];
    return key === undefined ? undefined : t(key);
  };
  const change = (field: keyof Form) => (value: string) => setForm({ ...form, [field]: value });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.keys(checkSignUp(form)).length === 0) {
      onSubmit({ ...form, nickname: form.nickname.trim() });
    }
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      {fault !== undefined && <Notice tone="error">{fault}</Notice>}
      <TextField
        label={t("account.username")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={20}
        value={form.username}
        hint={t("account.usernameHint")}
        error={errorOf("username")}
        onChange={(event) => change("username")(event.target.value.trim())}
      />
      <TextField
        label={t("account.email")}
        name="email"
        type="email"
        autoComplete="email"
        spellCheck={false}
        maxLength={100}
        value={form.email}
        error={errorOf("email")}
        onChange={(event) => change("email")(event.target.value.trim())}
      />
      <TextField
        label={t("account.nickname")}
        name="nickname"
        autoComplete="nickname"
        optional={t("common.optional")}
        maxLength={50}
        value={form.nickname}
        hint={t("account.nicknameHint")}
        onChange={(event) => change("nickname")(event.target.value)}
      />
      <PasswordField
        label={t("account.password")}
        autoComplete="new-password"
        value={form.password}
        hint={t("account.passwordHint")}
        error={errorOf("password")}
        onChange={change("password")}
      />
      <Button type="submit" look="primary" size="large" wide busy={busy}>
        {t("account.signUp")}
      </Button>
    </form>
  );
}
