import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import css from "./InviteScreen.module.css";

const NAME_MAX = 50;

/** Comes in under a name, without an account. */
export function GuestForm({ isBusy, onEnter }: { isBusy: boolean; onEnter: (name: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [isMissing, setMissing] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setMissing(name.trim() === "");
    if (name.trim() !== "" && !isBusy) onEnter(name.trim());
  };
  return (
    <form className={css.guest} onSubmit={submit} noValidate>
      <TextField
        label={t("invite.guestName")}
        name="guest-name"
        autoComplete="nickname"
        maxLength={NAME_MAX}
        hint={t("invite.guestNameHint")}
        error={isMissing ? t("account.required") : undefined}
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setMissing(false);
        }}
      />
      <Button type="submit" look="primary" size="large" wide busy={isBusy}>
        {t("invite.guestEnter")}
      </Button>
    </form>
  );
}
