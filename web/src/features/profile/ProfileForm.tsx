import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount, ProfileView } from "../../state/profile";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { useToast } from "../../ui/toastStore";
import { problemText } from "../shell/problemText";
import { useAction } from "./useAction";
import css from "./Profile.module.css";

/** What others see of one, and a phone number. */
export function ProfileForm({ own, profile }: { own: OwnAccount; profile: ProfileView }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { isBusy, problem, run } = useAction();
  const [nickname, setNickname] = useState(profile.nickname);
  const [phone, setPhone] = useState(profile.phone);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void run(
      () => own.save({ nickname: nickname.trim(), phone: phone.trim() }),
      () => toast(t("profile.saved"), "ok"),
    );
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <TextField
        label={t("account.nickname")}
        name="nickname"
        autoComplete="nickname"
        maxLength={50}
        placeholder={profile.username}
        value={nickname}
        hint={t("account.nicknameHint")}
        onChange={(event) => setNickname(event.target.value)}
      />
      <TextField
        label={t("profile.phone")}
        name="phone"
        type="tel"
        autoComplete="tel"
        optional={t("common.optional")}
        maxLength={20}
        value={phone}
        onChange={(event) => setPhone(event.target.value)}
      />
      <dl className={css.facts}>
        <dt>{t("profile.username")}</dt>
        <dd>{profile.username}</dd>
        <dt>{t("account.email")}</dt>
        <dd>{profile.email}</dd>
      </dl>
      <p className={css.hint}>{t("profile.fixedHint")}</p>
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
      <Button type="submit" look="primary" busy={isBusy} className={css.submit ?? ""} data-testid="save-profile">
        {t("profile.save")}
      </Button>
    </form>
  );
}
