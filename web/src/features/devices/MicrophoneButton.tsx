import { Mic, MicOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Microphone } from "../../state/media";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { IconButton } from "../../ui/IconButton";

/** Mutes and unmutes. The label says what a press will do. */
export function MicrophoneButton({ model }: { model: Readable<Microphone> }) {
  const { t } = useTranslation();
  const { isMuted, trouble, toggle, blocked } = useReadable(model);
  const reason = blocked === undefined ? null : blocked === "held" ? "host.micHeld" : "host.micOff";
  const label = toggle === undefined && trouble !== null ? "call.noMicrophone" : isMuted ? "call.unmute" : "call.mute";
  return (
    <IconButton
      label={t(reason ?? label)}
      shortcut="M"
      icon={isMuted ? <MicOff /> : <Mic />}
      tone={isMuted ? "off" : "filled"}
      disabled={toggle === undefined}
      onClick={toggle}
      data-testid="mic-button"
      data-on={!isMuted}
    />
  );
}
