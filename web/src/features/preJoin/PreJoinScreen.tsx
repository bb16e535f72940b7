import { Link2 } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "../../state/account";
import type { LocalMedia } from "../../state/media";
import type { MeetingAtDoor, VisitState } from "../../state/visit";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { PasswordField } from "../account/PasswordField";
import { DevicePickers } from "../devices/DevicePickers";
import { PermissionHelp } from "../devices/PermissionHelp";
import { SelfView } from "../devices/SelfView";
import { problemText } from "../shell/problemText";
import { useCopyLink } from "../shell/useCopyLink";
import { useTitle } from "../shell/useTitle";
import { PersonCard } from "./PersonCard";
import css from "./PreJoinScreen.module.css";

type PreJoinScreenProps = {
  person: Person;
  meeting: MeetingAtDoor;
  media: LocalMedia;
  state: Extract<VisitState, { stage: "preJoin" }>;
};

/** The last look in the mirror: nothing has been sent to anybody yet. */
export function PreJoinScreen({ person, meeting, media, state }: PreJoinScreenProps) {
  const { t } = useTranslation();
  const copy = useCopyLink();
  const [password, setPassword] = useState("");
  const title = meeting.title ?? t("meetings.number", { id: meeting.id });
  useTitle(title);
  const isPasswordFault = state.problem?.kind === "passwordWrong";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!state.isJoining) {
      state.join(state.needsPassword ? password : undefined);
    }
  };
  return (
    <div className={css.layout}>
      <div className={css.view}>
        <SelfView media={media} person={person} />
        <PermissionHelp media={media} />
      </div>
      <form className={css.side} onSubmit={submit}>
        <header className={css.heading}>
          <h1 className={css.title}>{title}</h1>
          <p className={css.subtitle}>{t("preJoin.subtitle")}</p>
        </header>
        <PersonCard person={person} />
        <DevicePickers media={media} />
        {state.problem !== null && state.problem.kind !== "passwordNeeded" && !isPasswordFault && (
          <Notice tone="error">{problemText(t, state.problem)}</Notice>
        )}
        {state.needsPassword && (
          <PasswordField
            label={t("preJoin.password")}
            name="meeting-password"
            autoComplete="off"
            value={password}
            hint={t("preJoin.passwordNeeded")}
            error={isPasswordFault ? t("preJoin.passwordWrong") : undefined}
            onChange={setPassword}
          />
        )}
        <div className={css.actions}>
          <Button type="submit" look="primary" size="large" wide busy={state.isJoining} data-testid="join-button">
            {t(state.isJoining ? "preJoin.joining" : "preJoin.join")}
          </Button>
          <Button
            look="quiet"
            icon={<Link2 aria-hidden="true" />}
            className={css.invite}
            onClick={() => void copy(meeting.link)}
          >
            {t("preJoin.copyInvite")}
          </Button>
        </div>
      </form>
    </div>
  );
}
