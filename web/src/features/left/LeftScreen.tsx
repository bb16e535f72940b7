import { Ban, DoorClosed, DoorOpen, MonitorSmartphone, UserX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { MeetingAtDoor, VisitState } from "../../state/visit";
import { Button } from "../../ui/Button";
import { MessageScreen } from "../shell/MessageScreen";
import { useTitle } from "../shell/useTitle";

type LeftScreenProps = { meeting: MeetingAtDoor; state: Extract<VisitState, { stage: "left" }> };

const ICONS = { left: DoorOpen, ended: DoorClosed, removed: UserX, replaced: MonitorSmartphone, disabled: Ban } as const;
const TITLES = {
  left: "left.title",
  ended: "left.endedTitle",
  removed: "left.removedTitle",
  replaced: "left.replacedTitle",
  disabled: "left.disabledTitle",
} as const;
const TEXTS = {
  left: "left.text",
  ended: "left.endedText",
  removed: "left.removedText",
  replaced: "left.replacedText",
  disabled: "left.disabledText",
} as const;

/** After the call: why it is over for this person, and the way back where there is one. */
export function LeftScreen({ meeting, state }: LeftScreenProps) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const Icon = ICONS[state.cause];
  const title = t(TITLES[state.cause]);
  useTitle(title);
  const mayReturn = state.cause === "left" || state.cause === "replaced";
  return (
    <MessageScreen
      icon={<Icon />}
      title={title}
      text={t(TEXTS[state.cause], { title: meeting.title ?? t("meetings.number", { id: meeting.id }) })}
    >
      {mayReturn && (
        <Button look="primary" onClick={state.rejoin} data-testid="rejoin-button">
          {t(state.cause === "replaced" ? "left.here" : "left.rejoin")}
        </Button>
      )}
      <Button onClick={() => go("/")}>{t("problem.back")}</Button>
    </MessageScreen>
  );
}
