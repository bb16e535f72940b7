import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Person } from "../../state/account";
import { useReadable } from "../../state/useReadable";
import type { Visit } from "../../state/visit";
import { Page } from "../../ui/Page";
import { CallScreen } from "../call/CallScreen";
import { WaitingScreen } from "../lobby/WaitingScreen";
import { LeftScreen } from "../left/LeftScreen";
import { PreJoinScreen } from "../preJoin/PreJoinScreen";
import { LanguageMenu } from "../shell/LanguageMenu";
import { Splash } from "../shell/Splash";
import { ClosedDoor } from "./ClosedDoor";

/** Draws the stage that a visit is at. */
export function VisitStage({ visit, person }: { visit: Visit; person: Person }) {
  const { t } = useTranslation();
  const state = useReadable(visit.state);
  const meeting = useReadable(visit.meeting);
  if (state.stage === "call") {
    return <CallScreen call={state.call} meeting={meeting} />;
  }
  return (
    <Page name={t("app.name")} home={<Link href="/">{t("app.name")}</Link>} actions={<LanguageMenu />}>
      {state.stage === "looking" && <Splash />}
      {state.stage === "preJoin" && <PreJoinScreen person={person} meeting={meeting} media={visit.media} state={state} />}
      {state.stage === "waiting" && <WaitingScreen person={person} meeting={meeting} media={visit.media} state={state} />}
      {state.stage === "left" && <LeftScreen meeting={meeting} state={state} />}
      {state.stage === "closed" && <ClosedDoor problem={state.problem} retry={state.retry} />}
    </Page>
  );
}
