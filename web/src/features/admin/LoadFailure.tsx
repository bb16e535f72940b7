import { useTranslation } from "react-i18next";
import type { Problem } from "../../state/problem";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { adminProblem } from "./adminProblem";

/** Says that something could not be loaded, and tries again when asked to. */
export function LoadFailure({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Notice
      tone="error"
      title={t("admin.loadFailed")}
      action={
        <Button size="small" onClick={onRetry}>
          {t("common.retry")}
        </Button>
      }
    >
      {adminProblem(t, problem)}
    </Notice>
  );
}
