import "../ui/base.css";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Route, Switch, useRoute } from "wouter";
import { parseMeetingInput } from "../state/meetingLink";
import type { Salon } from "../state/salon";
import { useReadable } from "../state/useReadable";
import { Toaster } from "../ui/Toaster";
import { TooltipProvider } from "../ui/Tooltip";
import { ToastContext, ToastStore } from "../ui/toastStore";
import { SignInScreen } from "./account/SignInScreen";
import { MeetingsScreen } from "./meetings/MeetingsScreen";
import { VisitScreen } from "./visit/VisitScreen";
import { ErrorBoundary } from "./shell/ErrorBoundary";
import { NothingHere } from "./shell/NothingHere";
import { Splash } from "./shell/Splash";

/** The whole client: who is at the door decides what is behind it. */
export function App({ salon }: { salon: Salon }) {
  const { t } = useTranslation();
  const [toasts] = useState(() => new ToastStore());
  const account = useReadable(salon.account);
  const [isInvited] = useRoute("/m/:id");
  return (
    <ToastContext value={toasts}>
      <TooltipProvider>
        <ErrorBoundary title={t("problem.crashTitle")} text={t("problem.crash")} action={t("problem.reload")}>
          {account.state === "checking" && <Splash />}
          {account.state === "signedOut" && <SignInScreen account={account} isInvited={isInvited} />}
          {account.state === "signedIn" && (
            <Switch>
              <Route path="/">
                <MeetingsScreen account={account} meetings={salon.meetings} />
              </Route>
              <Route path="/m/:id">
                {({ id }) => {
                  const meetingId = parseMeetingInput(id);
                  return meetingId === null ? (
                    <NothingHere />
                  ) : (
                    <VisitScreen key={`${account.person.id}/${meetingId}`} salon={salon} person={account.person} meetingId={meetingId} />
                  );
                }}
              </Route>
              <Route>
                <NothingHere />
              </Route>
            </Switch>
          )}
        </ErrorBoundary>
      </TooltipProvider>
      <Toaster label={t("toast.region")} dismissLabel={t("common.dismiss")} />
    </ToastContext>
  );
}
