import { BadgeCheck } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Administration, AuditVerdict } from "../../state/administration";
import type { Outcome } from "../../state/problem";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { adminProblem } from "./adminProblem";
import css from "./Admin.module.css";

/** Lets the server prove that nobody changed the log, and says what came out. `children` stand beside the button. */
export function VerifyChain({ administration, children }: { administration: Administration; children: ReactNode }) {
  const { t } = useTranslation();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome<AuditVerdict> | null>(null);
  const verify = async () => {
    setBusy(true);
    setOutcome(await administration.verifyAudit());
    setBusy(false);
  };
  return (
    <>
      <div className={css.tools}>
        <Button icon={<BadgeCheck aria-hidden="true" />} busy={isBusy} data-testid="verify-button" onClick={() => void verify()}>
          {t("admin.log.verify")}
        </Button>
        {children}
      </div>
      {outcome !== null && !outcome.ok && <Notice tone="error">{adminProblem(t, outcome.problem)}</Notice>}
      {outcome?.ok === true &&
        (outcome.value.isWhole ? (
          <Notice tone="ok" title={t("admin.log.whole")}>
            {t("admin.log.wholeText", { count: outcome.value.rows })}
          </Notice>
        ) : (
          <Notice tone="error" title={t("admin.log.broken")}>
            {outcome.value.fault}
          </Notice>
        ))}
    </>
  );
}
