import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Planned, Scope } from "../../state/planned";
import type { Problem } from "../../state/problem";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Notice } from "../../ui/Notice";
import { problemText } from "../shell/problemText";
import { ScopeChoice } from "./ScopeChoice";

type CancelDialogProps = { planned: Planned; isSeries: boolean; onCancelled: () => void; onClose: () => void };

/** Asks before a meeting is taken away, and of a series how much of it. */
export function CancelDialog({ planned, isSeries, onCancelled, onClose }: CancelDialogProps) {
  const { t } = useTranslation();
  const [scope, setScope] = useState<Scope>("this");
  const [problem, setProblem] = useState<Problem | null>(null);
  const cancel = async () => {
    const outcome = await planned.cancel(scope);
    if (outcome.ok) onCancelled();
    else setProblem(outcome.problem);
  };
  return (
    <ConfirmDialog
      title={t("details.cancelTitle")}
      text={t("details.cancelText")}
      confirm={t("details.cancelConfirm")}
      cancel={t("details.keep")}
      closeLabel={t("common.close")}
      onConfirm={cancel}
      onClose={onClose}
    >
      {isSeries && <ScopeChoice value={scope} onChange={setScope} />}
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
    </ConfirmDialog>
  );
}
