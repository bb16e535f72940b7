import type { SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "./PasswordField";
import { useSignUpForm } from "./useSignUpForm";
import type { SignUpForm as Form } from "./validation";
import css from "./SignInScreen.module.css";

type SignUpFormProps = { busy: boolean; fault: string | undefined; submitText?: string; onSubmit: (form: Form) => void };

/** What a new account needs, with the faults beside their fields. */
export function SignUpForm({ busy, fault, submitText, onSubmit }: SignUpFormProps) {
  const { t } = useTranslation();
  const { form, faults, change, submit } = useSignUpForm(onSubmit);
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    submit();
  };
  return (
    <form className={css.form} onSubmit={send} noValidate>
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
        error={faults.username && t(faults.username)}
        onChange={(event) => change({ username: event.target.value.trim() })}
      />
      <TextField
        label={t("account.email")}
        name="email"
        type="email"
        autoComplete="email"
        maxLength={100}
        value={form.email}
        error={faults.email && t(faults.email)}
        onChange={(event) => change({ email: event.target.value.trim() })}
      />
      <TextField
        label={t("account.nickname")}
        name="nickname"
        autoComplete="nickname"
        optional={t("common.optional")}
        maxLength={50}
        value={form.nickname}
        hint={t("account.nicknameHint")}
        onChange={(event) => change({ nickname: event.target.value })}
      />
      <PasswordField
        label={t("account.password")}
        autoComplete="new-password"
        value={form.password}
        hint={t("account.passwordHint")}
        error={faults.password && t(faults.password)}
        onChange={(password) => change({ password })}
      />
      <Button type="submit" look="primary" size="large" wide busy={busy}>
        {submitText ?? t("account.signUp")}
      </Button>
    </form>
  );
}
