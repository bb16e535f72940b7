import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { OwnAccount, ProfileView } from "../../state/profile";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { useToast } from "../../ui/toastStore";
import { problemText } from "../shell/problemText";
import { Card } from "./Card";
import { useAction } from "./useAction";
import css from "./Profile.module.css";

/** The way out for good. */
export function DeleteCard({ own, profile }: { own: OwnAccount; profile: ProfileView }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  return (
    <Card title={t("profile.danger")} text={t("profile.dangerText")}>
      <div className={css.buttons}>
        <Button look="quiet" className={css.dangerButton ?? ""} onClick={() => setAsking(true)} data-testid="delete-account">
          {t("profile.deleteOpen")}
        </Button>
      </div>
      {isAsking && <DeleteDialog own={own} username={profile.username} onClose={() => setAsking(false)} />}
    </Card>
  );
}

/** Says what is lost, and wants the name typed: nobody does this by a slip. */
function DeleteDialog({ own, username, onClose }: { own: OwnAccount; username: string; onClose: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [, go] = useLocation();
  const { isBusy, problem, run } = useAction();
  const [typed, setTyped] = useState("");
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (typed.trim() !== username) return;
    void run(
      () => own.remove(),
      () => {
        toast(t("profile.deleted"), "ok");
        go("/");
      },
    );
  };
  return (
    <Dialog title={t("profile.deleteTitle")} description={t("profile.deleteText")} closeLabel={t("common.close")} onClose={onClose}>
      <ul className={css.losses}>
        {(["profile.deleteLossProfile", "profile.deleteLossAccess", "profile.deleteLossMeetings"] as const).map((loss) => (
          <li key={loss}>{t(loss)}</li>
        ))}
      </ul>
      <p className={css.hint}>{t("profile.deleteKept")}</p>
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
      <form className={css.form} onSubmit={submit} noValidate>
        <TextField
          label={t("profile.deleteType", { name: username })}
          name="confirm-name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <div className={css.dialogActions}>
          <Button onClick={onClose}>{t("profile.cancel")}</Button>
          <Button type="submit" look="danger" busy={isBusy} disabled={typed.trim() !== username} data-testid="delete-confirm">
            {t("profile.deleteConfirm")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
