import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Administration } from "../../state/administration";
import type { Problem } from "../../state/problem";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Notice } from "../../ui/Notice";
import { useToast } from "../../ui/toastStore";
import { adminProblem } from "./adminProblem";

type EndDialogProps = {
  administration: Administration;
  meeting: { readonly id: number; readonly title: string };
  onEnded: () => void;
  onClose: () => void;
};

/** Asks before a meeting ends for everybody in it. */
export function EndDialog({ administration, meeting, onEnded, onClose }: EndDialogProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const [problem, setProblem] = useState<Problem | null>(null);
  const end = async () => {
    const outcome = await administration.endMeeting(meeting.id);
    if (!outcome.ok) {
      setProblem(outcome.problem);
      return;
    }
    toast(t("admin.end.done"), "ok");
    onEnded();
    onClose();
  };
  return (
    <ConfirmDialog
      title={t("admin.end.title", { title: meeting.title })}
      text={t("admin.end.text")}
      confirm={t("admin.end.confirm")}
      cancel={t("admin.cancel")}
      closeLabel={t("common.close")}
      onConfirm={end}
      onClose={onClose}
    >
      {problem !== null && <Notice tone="error">{adminProblem(t, problem)}</Notice>}
    </ConfirmDialog>
  );
}
