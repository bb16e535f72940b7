import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount, ProfileView } from "../../state/profile";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { useToast } from "../../ui/toastStore";
import { PasswordField } from "../account/PasswordField";
import { newPasswordFault } from "../account/validation";
import { problemText } from "../shell/problemText";
import { useAction } from "./useAction";
import css from "./Profile.module.css";

/** Another password, with the present one as proof. */
export function PasswordForm({ own, profile }: { own: OwnAccount; profile: ProfileView }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { isBusy, problem, run } = useAction();
  const [before, setBefore] = useState("");
  const [next, setNext] = useState("");
  const [isChecked, setChecked] = useState(false);
  const fault = newPasswordFault(next);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (before === "" || fault !== undefined) return;
    void run(
      () => own.changePassword(before, next),
      () => {
        setBefore("");
        setNext("");
        setChecked(false);
        toast(t("profile.passwordSaved"), "ok");
      },
    );
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      {/* Password managers look for the name beside the password. */}
      <input type="text" name="username" autoComplete="username" value={profile.username} readOnly hidden />
      <PasswordField
        label={t("profile.oldPassword")}
        name="old-password"
        autoComplete="current-password"
        value={before}
        error={isChecked && before === "" ? t("account.required") : undefined}
        onChange={setBefore}
      />
      <PasswordField
        label={t("entry.newPassword")}
        name="new-password"
        autoComplete="new-password"
        value={next}
        hint={t("account.passwordHint")}
        error={isChecked && fault !== undefined ? t(fault) : undefined}
        onChange={setNext}
      />
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
      {profile.identity?.isLinked === true && (
        <p className={css.hint}>{t("profile.noPassword", { label: profile.identity.label })}</p>
      )}
      <Button type="submit" busy={isBusy} className={css.submit ?? ""} data-testid="change-password">
        {t("profile.changePassword")}
      </Button>
    </form>
  );
}
