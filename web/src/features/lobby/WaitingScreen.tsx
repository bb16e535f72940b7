import { DoorClosed, Hourglass, UserX } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "../../state/account";
import type { LocalMedia } from "../../state/media";
import { useReadable } from "../../state/useReadable";
import type { MeetingAtDoor, VisitState } from "../../state/visit";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import { DevicePickers } from "../devices/DevicePickers";
import { SelfView } from "../devices/SelfView";
import { MessageScreen } from "../shell/MessageScreen";
import { useTitle } from "../shell/useTitle";
import css from "./WaitingScreen.module.css";

type WaitingScreenProps = {
  person: Person;
  meeting: MeetingAtDoor;
  media: LocalMedia;
  state: Extract<VisitState, { stage: "waiting" }>;
};

/** In front of a door that a host opens: the own picture, one's place in line, what the host writes. */
export function WaitingScreen({ person, meeting, media, state }: WaitingScreenProps) {
  const { t } = useTranslation();
  const { state: answer, position, messages } = useReadable(state.waiting);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []); // The button that led here is gone.
  useTitle(t("lobby.title"));
  if (answer !== "waiting") {
    const isDenied = answer === "denied";
    return (
      <MessageScreen
        icon={isDenied ? <UserX /> : <DoorClosed />}
        title={t(isDenied ? "lobby.deniedTitle" : "lobby.closedTitle")}
        text={t(isDenied ? "lobby.deniedText" : "lobby.closedText")}
      >
        <Button look="primary" onClick={state.askAgain}>
          {t("lobby.askAgain")}
        </Button>
      </MessageScreen>
    );
  }
  return (
    <div className={css.layout} data-testid="waiting-screen">
      <div className={css.view}>
        <SelfView media={media} person={person} />
      </div>
      <div className={css.side}>
        <p className={css.meeting}>{meeting.title ?? t("meetings.number", { id: meeting.id })}</p>
        <h1 ref={heading} className={css.title} tabIndex={-1}>
          {t("lobby.title")}
        </h1>
        <p className={css.text}>{t("lobby.text")}</p>
        <p className={css.place} role="status">
          {position === null || position < 1 ? <Spinner /> : <Hourglass aria-hidden="true" />}
          {position !== null && position > 0 && t(position === 1 ? "lobby.next" : "lobby.position", { position })}
        </p>
        <ul className={css.messages} aria-live="polite" data-testid="lobby-messages">
          {messages.map(({ by, text }, index) => (
            <li key={index} className={css.message}>
              <span className={css.by}>{t("lobby.message", { name: by })}</span>
              {text}
            </li>
          ))}
        </ul>
        <DevicePickers media={media} />
        <Button wide onClick={state.withdraw}>
          {t("lobby.withdraw")}
        </Button>
      </div>
    </div>
  );
}
