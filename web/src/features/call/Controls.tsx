import { Link2, MoreVertical, PhoneOff, Settings2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { switchLanguage } from "../../i18n";
import { chooseLanguage, LANGUAGES } from "../../i18n/language";
import type { Call } from "../../state/call";
import { IconButton } from "../../ui/IconButton";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "../../ui/Menu";
import { CaptionsButton } from "../captions/CaptionsButton";
import { CameraButton } from "../devices/CameraButton";
import { MicrophoneButton } from "../devices/MicrophoneButton";
import { useCopyLink } from "../shell/useCopyLink";
import { ChatButton } from "./ChatButton";
import { PeopleButton } from "./PeopleButton";
import { ShareButton } from "./ShareButton";
import type { PanelName } from "./useShortcuts";
import css from "./Controls.module.css";

type ControlsProps = {
  call: Call;
  link: string;
  panel: PanelName | null;
  onPanel: (name: PanelName) => void;
  onDevices: () => void;
  onCaptions: () => void;
};

/** Everything a person does in a call, in one bar at the lower edge. */
export function Controls({ call, link, panel, onPanel, onDevices, onCaptions }: ControlsProps) {
  const { t, i18n } = useTranslation();
  const copy = useCopyLink();
  return (
    <section className={css.bar} aria-label={t("call.controls")}>
      <div className={css.group}>
        <MicrophoneButton model={call.media.microphone} />
        <CameraButton model={call.media.camera} />
        <ShareButton model={call.screenShare} />
      </div>
      <div className={css.group}>
        <CaptionsButton
          model={call.captions}
          hosting={call.hosting}
          isPanelOpen={panel === "captions"}
          onPanel={() => onPanel("captions")}
          onSwitchOn={onCaptions}
        />
        <PeopleButton model={call.people} isOpen={panel === "people"} onToggle={() => onPanel("people")} />
        <ChatButton model={call.chat} isOpen={panel === "chat"} onToggle={() => onPanel("chat")} />
        <Menu trigger={<IconButton label={t("call.more")} icon={<MoreVertical />} tone="filled" data-testid="more-button" />}>
          <MenuItem icon={<Settings2 aria-hidden="true" />} onSelect={onDevices}>
            {t("call.settings")}
          </MenuItem>
          <MenuItem icon={<Link2 aria-hidden="true" />} onSelect={() => void copy(link)}>
            {t("common.copyLink")}
          </MenuItem>
          <MenuSeparator />
          <MenuLabel>{t("language.label")}</MenuLabel>
          <MenuChoice
            value={i18n.language}
            options={LANGUAGES}
            onChange={(language) => void switchLanguage(i18n, chooseLanguage(language, []))}
          />
        </Menu>
      </div>
      <IconButton
        className={css.leave ?? ""}
        label={t("call.leave")}
        icon={<PhoneOff />}
        tone="danger"
        onClick={() => call.leave()}
        data-testid="leave-button"
      />
    </section>
  );
}
