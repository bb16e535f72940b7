import { CalendarPlus, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Account } from "../../state/account";
import { meetingPath } from "../../state/meetingLink";
import type { Meetings } from "../../state/meetings";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Page } from "../../ui/Page";
import { AccountMenu } from "../account/AccountMenu";
import { LanguageMenu } from "../shell/LanguageMenu";
import { useTitle } from "../shell/useTitle";
import { CreateDialog } from "./CreateDialog";
import { JoinBox } from "./JoinBox";
import { MeetingsBody } from "./MeetingsBody";
import css from "./MeetingsScreen.module.css";

type SignedIn = Extract<Account, { state: "signedIn" }>;

function greeting(hour: number) {
  if (hour < 12) return "meetings.greetingMorning";
  return hour < 18 ? "meetings.greetingDay" : "meetings.greetingEvening";
}

/** Home: the person's meetings, a new one, or one by its link. */
export function MeetingsScreen({ account, meetings }: { account: SignedIn; meetings: Readable<Meetings> }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const model = useReadable(meetings);
  const [isCreating, setCreating] = useState(false);
  const [now] = useState(() => new Date());
  useTitle(t("common.home"));
  useEffect(() => meetings.value.reload(), [meetings]);
  const enter = (meetingId: number) => go(meetingPath(meetingId));
  return (
    <Page
      name={t("app.name")}
      actions={
        <>
          <LanguageMenu />
          <AccountMenu person={account.person} onSignOut={account.signOut} />
        </>
      }
    >
      <div className={css.screen}>
        <div className={css.top}>
          <div>
            <h1 className={css.greeting}>{t(greeting(now.getHours()), { name: account.person.name })}</h1>
            <p className={css.lead}>{t("meetings.lead")}</p>
          </div>
          <div className={css.actions}>
            <Button look="primary" className={css.create} icon={<Plus aria-hidden="true" />} onClick={() => setCreating(true)}>
              {t("meetings.create")}
            </Button>
            <Button className={css.create} icon={<CalendarPlus aria-hidden="true" />} onClick={() => go("/schedule")}>
              {t("plan.schedule")}
            </Button>
            <JoinBox onJoin={enter} />
          </div>
        </div>
        <MeetingsBody model={model} now={now} onEnter={enter} onCreate={() => setCreating(true)} />
      </div>
      {isCreating && <CreateDialog onClose={() => setCreating(false)} create={model.create} onEnter={enter} />}
    </Page>
  );
}
