import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { detailsPath } from "../../state/meetingLink";
import type { MeetingCard, Meetings } from "../../state/meetings";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { Page } from "../../ui/Page";
import { LanguageMenu } from "../shell/LanguageMenu";
import { useTitle } from "../shell/useTitle";
import { PlanForm } from "./PlanForm";
import css from "./Plan.module.css";

/** Plans a new meeting in every detail. */
export function ScheduleScreen({ meetings }: { meetings: Readable<Meetings> }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const { create } = useReadable(meetings);
  useTitle(t("plan.title"));
  return (
    <Page name={t("app.name")} home={<Link href="/">{t("app.name")}</Link>} actions={<LanguageMenu />}>
      <div className={css.screen}>
        <h1 className={css.title}>{t("plan.title")}</h1>
        <PlanForm<MeetingCard>
          before={null}
          submitText={t("plan.submit")}
          send={({ password, ...plan }) => create({ ...plan, password: password ?? "" })}
          onDone={({ id }) => go(detailsPath(id))}
        />
      </div>
    </Page>
  );
}
