import { LogOut } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../state/profile";
import type { Problem } from "../../state/problem";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Notice } from "../../ui/Notice";
import { problemText } from "../shell/problemText";
import { Card } from "./Card";
import css from "./Profile.module.css";

/** Ends every sign-in of the account. */
export function SignInsCard({ own }: { own: OwnAccount }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const end = async () => {
    const outcome = await own.signOutEverywhere();
    if (!outcome.ok) setProblem(outcome.problem);
  };
  return (
    <Card title={t("profile.signIns")} text={t("profile.signInsText")}>
      <div className={css.buttons}>
        <Button icon={<LogOut aria-hidden="true" />} onClick={() => setAsking(true)} data-testid="sign-out-everywhere">
          {t("profile.everywhere")}
        </Button>
      </div>
      {isAsking && (
        <ConfirmDialog
          title={t("profile.everywhereTitle")}
          text={t("profile.everywhereText")}
          confirm={t("profile.everywhere")}
          cancel={t("profile.cancel")}
          closeLabel={t("common.close")}
          onConfirm={end}
          onClose={() => setAsking(false)}
        >
          {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
        </ConfirmDialog>
      )}
    </Card>
  );
}
