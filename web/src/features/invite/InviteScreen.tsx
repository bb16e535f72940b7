import { MailX } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Account } from "../../state/account";
import { meetingPath } from "../../state/meetingLink";
import type { Problem } from "../../state/problem";
import type { Salon } from "../../state/salon";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Page } from "../../ui/Page";
import { RoomArt } from "../../ui/RoomArt";
import { SignInScreen } from "../account/SignInScreen";
import { dateText, timeText } from "../meetings/meetingTime";
import { LanguageMenu } from "../shell/LanguageMenu";
import { MessageScreen } from "../shell/MessageScreen";
import { problemText } from "../shell/problemText";
import { Splash } from "../shell/Splash";
import { useTitle } from "../shell/useTitle";
import { GuestForm } from "./GuestForm";
import css from "./InviteScreen.module.css";

type InviteScreenProps = { salon: Salon; account: Exclude<Account, { state: "checking" }>; token: string };

/** What somebody sees who opens an invite link: what it is to, and the ways in. */
export function InviteScreen({ salon, account, token }: InviteScreenProps) {
  const { t, i18n } = useTranslation();
  const [, go] = useLocation();
  const invitation = useMemo(() => salon.invitation(token), [salon, token]);
  const invite = useReadable(invitation.state);
  const [wantsSignIn, setWantsSignIn] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => invitation.load(), [invitation]);
  useTitle(t("invite.pageTitle"));
  if (wantsSignIn && account.state === "signedOut") {
    return <SignInScreen account={account} isInvited />;
  }
  const enter = async (way: Promise<{ ok: true; value: number } | { ok: false; problem: Problem }>) => {
    setBusy(true);
    const outcome = await way;
    setBusy(false);
    if (outcome.ok) go(meetingPath(outcome.value), { replace: true });
    else setProblem(outcome.problem);
  };
  const home = () => go("/");
  return (
    <Page name={t("app.name")} actions={<LanguageMenu />}>
      {invite.state === "loading" && <Splash />}
      {invite.state === "failed" && (
        <MessageScreen
          icon={<MailX />}
          title={t("invite.failedTitle")}
          text={invite.problem.kind === "notFound" ? t("invite.failedText") : problemText(t, invite.problem)}
        >
          <Button look="primary" onClick={invite.problem.kind === "notFound" ? home : () => invitation.load()}>
            {t(invite.problem.kind === "notFound" ? "problem.back" : "common.retry")}
          </Button>
        </MessageScreen>
      )}
      {invite.state === "ready" && (
        <div className={css.layout}>
          <div className={css.art}>
            <RoomArt />
          </div>
          <section className={css.card} data-testid="invite-card">
            <p className={css.from}>
              {invite.host === "" ? t("invite.pageTitle") : t("invite.from", { host: invite.host })}
            </p>
            <h1 className={css.title}>{invite.title === "" ? t("meetings.untitled") : invite.title}</h1>
            {invite.startsAt !== null && (
              <p className={css.when}>
                <time dateTime={invite.startsAt.toISOString()}>
                  {t("meetings.dayTime", {
                    day: dateText(invite.startsAt, i18n.language, new Date()),
                    time: timeText(invite.startsAt, i18n.language),
                  })}
                </time>
              </p>
            )}
            {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
            {account.state === "signedIn" ? (
              <>
                <p className={css.when}>{t("invite.acceptAs", { name: account.person.name })}</p>
                <Button
                  look="primary"
                  size="large"
                  wide
                  busy={isBusy}
                  onClick={() => void enter(invitation.accept())}
                  data-testid="accept-invite"
                >
                  {t("invite.accept")}
                </Button>
              </>
            ) : (
              <>
                {invite.takesGuests ? (
                  <GuestForm isBusy={isBusy} onEnter={(name) => void enter(invitation.enterAsGuest(name))} />
                ) : (
                  <p className={css.when}>{t("invite.signInNeeded")}</p>
                )}
                <Button look={invite.takesGuests ? "quiet" : "primary"} wide onClick={() => setWantsSignIn(true)}>
                  {t(invite.takesGuests ? "invite.orSignIn" : "invite.signIn")}
                </Button>
              </>
            )}
          </section>
        </div>
      )}
    </Page>
  );
}
