import "../ui/base.css";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Route, Switch, useLocation, useRoute } from "wouter";
import { parseMeetingInput } from "../state/meetingLink";
import { isAdministrator } from "../state/ranks";
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

// What few people need at once comes when it is asked for: the way into a call stays short.
const ScheduleScreen = lazy(() => import("./schedule/ScheduleScreen").then((part) => ({ default: part.ScheduleScreen })));
const DetailsScreen = lazy(() => import("./schedule/DetailsScreen").then((part) => ({ default: part.DetailsScreen })));
const AdminScreen = lazy(() => import("./admin/AdminScreen").then((part) => ({ default: part.AdminScreen })));
const InviteScreen = lazy(() => import("./invite/InviteScreen").then((part) => ({ default: part.InviteScreen })));
const GuestHome = lazy(() => import("./invite/GuestHome").then((part) => ({ default: part.GuestHome })));
const EntryScreens = lazy(() => import("./entry/EntryScreens").then((part) => ({ default: part.EntryScreens })));
const ProfileScreen = lazy(() => import("./profile/ProfileScreen").then((part) => ({ default: part.ProfileScreen })));

const RecordingsScreen = lazy(() => import("./recordings/RecordingsScreen").then((part) => ({ default: part.RecordingsScreen })));
const PlayerScreen = lazy(() => import("./recordings/PlayerScreen").then((part) => ({ default: part.PlayerScreen })));
const TranscriptsScreen = lazy(() => import("./transcripts/TranscriptsScreen").then((part) => ({ default: part.TranscriptsScreen })));
const TranscriptScreen = lazy(() => import("./transcripts/TranscriptScreen").then((part) => ({ default: part.TranscriptScreen })));
const LibraryScreen = lazy(() => import("./library/LibraryScreen").then((part) => ({ default: part.LibraryScreen })));

const ENTRY = /^\/(sign-in|forgot-password|reset-password|setup)$/;

/** The whole client: who is at the door decides what is behind it. */
export function App({ salon }: { salon: Salon }) {
  const { t } = useTranslation();
  const [toasts] = useState(() => new ToastStore());
  const account = useReadable(salon.account);
  const [isInvited] = useRoute("/m/:id");
  const [, invite] = useRoute<{ token: string }>("/invite/:token");
  const [path] = useLocation();
  const isEntry = ENTRY.test(path);
  return (
    <ToastContext value={toasts}>
      <TooltipProvider>
        <ErrorBoundary title={t("problem.crashTitle")} text={t("problem.crash")} action={t("problem.reload")}>
          <Suspense fallback={<Splash />}>
            {account.state === "checking" && <Splash />}
            {account.state !== "checking" && invite !== null && <InviteScreen salon={salon} account={account} token={invite.token} />}
            {account.state !== "checking" && isEntry && <EntryScreens salon={salon} account={account} />}
            {account.state === "signedOut" && invite === null && !isEntry && <SignInScreen account={account} isInvited={isInvited} />}
            {account.state === "signedIn" && invite === null && !isEntry && (
              <Switch>
                <Route path="/">
                  {account.person.isGuest ? (
                    <GuestHome onLeave={account.signOut} />
                  ) : (
                    <MeetingsScreen account={account} meetings={salon.meetings} />
                  )}
                </Route>
                <Route path="/schedule">
                  <ScheduleScreen meetings={salon.meetings} />
                </Route>
                <Route path="/account">
                  {account.person.isGuest ? <NothingHere /> : <ProfileScreen key={account.person.id} salon={salon} account={account} />}
                </Route>
                <Route path="/meetings/:id">
                  {({ id }) => {
                    const meetingId = parseMeetingInput(id);
                    return meetingId === null ? <NothingHere /> : <DetailsScreen key={meetingId} salon={salon} meetingId={meetingId} />;
                  }}
                </Route>
                <Route path="/recordings">
                  {account.person.isGuest ? <NothingHere /> : <RecordingsScreen key={account.person.id} salon={salon} account={account} />}
                </Route>
                <Route path="/recordings/:id">
                  {({ id }) => (account.person.isGuest ? <NothingHere /> : <PlayerScreen key={id} salon={salon} recordingId={id} />)}
                </Route>
                <Route path="/transcripts">
                  {account.person.isGuest ? <NothingHere /> : <TranscriptsScreen key={account.person.id} salon={salon} account={account} />}
                </Route>
                <Route path="/transcripts/:id">
                  {({ id }) => {
                    const meetingId = parseMeetingInput(id);
                    return account.person.isGuest || meetingId === null ? (
                      <NothingHere />
                    ) : (
                      <TranscriptScreen key={meetingId} salon={salon} account={account} meetingId={meetingId} />
                    );
                  }}
                </Route>
                <Route path="/library">
                  {account.person.isGuest ? <NothingHere /> : <LibraryScreen key={account.person.id} salon={salon} account={account} />}
                </Route>
                <Route path="/administration/:part?">
                  {({ part }) =>
                    isAdministrator(account.person) ? <AdminScreen salon={salon} account={account} part={part} /> : <NothingHere />
                  }
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
          </Suspense>
        </ErrorBoundary>
      </TooltipProvider>
      <Toaster label={t("toast.region")} dismissLabel={t("common.dismiss")} />
    </ToastContext>
  );
}
