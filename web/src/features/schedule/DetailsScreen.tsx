import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Scope } from "../../state/planned";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { useToast } from "../../ui/toastStore";
import { LanguageMenu } from "../shell/LanguageMenu";
import { problemText } from "../shell/problemText";
import { Splash } from "../shell/Splash";
import { useTitle } from "../shell/useTitle";
import { MeetingDetails } from "./MeetingDetails";
import { PlanForm } from "./PlanForm";
import { ScopeChoice } from "./ScopeChoice";
import css from "./Plan.module.css";

/** One meeting outside the call: to read, and for its host to change. */
export function DetailsScreen({ salon, meetingId }: { salon: Salon; meetingId: number }) {
  const { t } = useTranslation();
  const toast = useToast();
  const planned = useMemo(() => salon.planned(meetingId), [salon, meetingId]);
  const { state, problem, meeting } = useReadable(planned.state);
  const [isEditing, setEditing] = useState(false);
  const [scope, setScope] = useState<Scope>("this");
  useEffect(() => planned.reload(), [planned]);
  const title = meeting === null || meeting.title === "" ? t("meetings.number", { id: meetingId }) : meeting.title;
  useTitle(title);
  return (
    <Page name={t("app.name")} home={<Link href="/">{t("app.name")}</Link>} actions={<LanguageMenu />}>
      {meeting === null && state === "loading" && <Splash />}
      {state === "failed" && problem !== null && (
        <Notice
          tone="error"
          title={t("problem.otherTitle")}
          action={
            <Button size="small" onClick={() => planned.reload()}>
              {t("common.retry")}
            </Button>
          }
        >
          {problemText(t, problem)}
        </Notice>
      )}
      {meeting !== null && (
        <div className={css.screen}>
          {isEditing ? (
            <>
              <div className={css.heading}>
                <h1 className={css.title}>{t("plan.editTitle")}</h1>
                <Button onClick={() => setEditing(false)}>{t("host.cancel")}</Button>
              </div>
              <PlanForm
                before={meeting}
                submitText={t("plan.save")}
                send={(plan) => planned.save(plan, scope)}
                onDone={() => {
                  toast(t("plan.saved"), "ok");
                  setEditing(false);
                }}
              >
                {meeting.isSeries && <ScopeChoice value={scope} onChange={setScope} />}
              </PlanForm>
            </>
          ) : (
            <MeetingDetails planned={planned} meeting={meeting} title={title} onEdit={() => setEditing(true)} />
          )}
        </div>
      )}
    </Page>
  );
}
