import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Switch } from "../../ui/Switch";
import { problemText } from "../shell/problemText";
import { Card } from "./Card";
import { useAction } from "./useAction";
import css from "./Profile.module.css";

/** Whether the server may conclude from this person's voice how they feel. */
export function MoodCard({ salon }: { salon: Salon }) {
  const { t, i18n } = useTranslation();
  const consent = useMemo(() => salon.consent(), [salon]);
  const view = useReadable(consent.state);
  const { isBusy, problem, run } = useAction();
  useEffect(() => consent.reload(), [consent]);
  if (view.state === "loading") return null;
  return (
    <Card title={t("mood.title")} text={t("mood.text")} testId="mood-card">
      {view.state === "failed" && (
        <Notice
          tone="error"
          action={
            <Button size="small" onClick={() => consent.reload()}>
              {t("common.retry")}
            </Button>
          }
        >
          {problemText(t, view.problem)}
        </Notice>
      )}
      {view.state === "ready" && (
        <>
          <Switch
            label={t("mood.switch")}
            hint={t(view.mood.isAllowedHere ? "mood.hint" : "mood.notHere")}
            checked={view.mood.isGiven && view.mood.isAllowedHere}
            disabled={!view.mood.isAllowedHere || isBusy}
            onChange={(isGiven) => void run(() => consent.setMood(isGiven), () => undefined)}
          />
          {view.mood.changedAt !== null && (
            <p className={css.hint}>{t("mood.changed", { when: new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" }).format(view.mood.changedAt) })}</p>
          )}
          {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
        </>
      )}
    </Card>
  );
}
