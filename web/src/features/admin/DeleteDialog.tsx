import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Administration, ManagedAccount } from "../../state/administration";
import type { Problem } from "../../state/problem";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { useToast } from "../../ui/toastStore";
import { adminProblem } from "./adminProblem";

type DeleteDialogProps = {
  administration: Administration;
  account: ManagedAccount;
  onDeleted: () => void;
  onClose: () => void;
};

/** Asks for the user name before an account is deleted: a press too many must not be enough. */
export function DeleteDialog({ administration, account, onDeleted, onClose }: DeleteDialogProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const [typed, setTyped] = useState("");
  const [isWrong, setWrong] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { name, username } = account;
  const remove = async () => {
    if (typed.trim() !== username) {
      setWrong(true);
      return;
    }
    const outcome = await administration.deleteAccount(account.id);
    if (!outcome.ok) {
      setProblem(outcome.problem);
      return;
    }
    toast(t("admin.account.deleted"), "ok");
    onDeleted();
  };
  return (
    <ConfirmDialog
      title={t("admin.account.deleteTitle", { name })}
      text={t("admin.account.deleteText")}
      confirm={t("admin.account.delete")}
      cancel={t("admin.cancel")}
      closeLabel={t("common.close")}
      onConfirm={remove}
      onClose={onClose}
    >
      <TextField
        label={t("admin.account.deleteType", { username })}
        name="confirm-username"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        error={isWrong ? t("admin.account.deleteMismatch") : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          setWrong(false);
        }}
      />
      {problem !== null && <Notice tone="error">{adminProblem(t, problem)}</Notice>}
    </ConfirmDialog>
  );
}
