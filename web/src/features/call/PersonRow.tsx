import { Mic, MicOff, MonitorUp, Video, VideoOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Hosting } from "../../state/hosting";
import type { PersonHere } from "../../state/people";
import type { VoiceWarning } from "../../state/voices";
import { Avatar } from "../../ui/Avatar";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import { VoiceMark } from "../voices/VoiceMark";
import { PersonMenu } from "./PersonMenu";
import css from "./PeoplePanel.module.css";

type PersonRowProps = { person: PersonHere; hosting: Hosting; voice: VoiceWarning | undefined };

/** One person of the list. */
export function PersonRow({ person, hosting, voice }: PersonRowProps) {
  const { t } = useTranslation();
  const { name, role, isMuted, isCameraOn, isSharing, isAudioHeld, isVideoHeld } = person;
  const mayAct = hosting.canModerate && !person.isYou && (hosting.isHost || role !== "host");
  return (
    <li className={css.person} data-name={name} data-muted={isMuted}>
      <Avatar name={name} picture={person.avatarUrl} size="small" />
      <div className={css.who}>
        <span className={css.name}>{person.isYou ? t("common.nameYou", { name }) : name}</span>
        {role !== "participant" && <span className={css.role}>{t(`people.${role}`)}</span>}
        <VoiceMark warning={voice} name={name} place="row" />
      </div>
      <span className={css.marks}>
        {isSharing && <MonitorUp className={css.lit} aria-hidden="true" />}
        {isCameraOn ? <Video aria-hidden="true" /> : <VideoOff className={css.off} aria-hidden="true" />}
        {isMuted ? <MicOff className={css.off} aria-hidden="true" /> : <Mic aria-hidden="true" />}
        <VisuallyHidden>
          {[
            isSharing && t("people.sharing"),
            t(isCameraOn ? "people.cameraOn" : "people.cameraOff"),
            t(isMuted ? "people.micOff" : "people.micOn"),
            isAudioHeld && t("host.held"),
            isVideoHeld && t("host.heldVideo"),
          ]
            .filter(Boolean)
            .join(", ")}
        </VisuallyHidden>
      </span>
      {mayAct && <PersonMenu person={person} hosting={hosting} />}
    </li>
  );
}
