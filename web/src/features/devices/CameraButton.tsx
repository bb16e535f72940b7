import { Video, VideoOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Camera } from "../../state/media";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { IconButton } from "../../ui/IconButton";

/** Turns the camera on and off. The label says what a press will do. */
export function CameraButton({ model }: { model: Readable<Camera> }) {
  const { t } = useTranslation();
  const { isOn, trouble, toggle, blocked } = useReadable(model);
  const reason = blocked === undefined ? null : blocked === "held" ? "host.cameraHeld" : "host.cameraOff";
  const label = toggle === undefined && trouble !== null ? "call.noCamera" : isOn ? "call.cameraOff" : "call.cameraOn";
  return (
    <IconButton
      label={t(reason ?? label)}
      shortcut="V"
      icon={isOn ? <Video /> : <VideoOff />}
      tone={isOn ? "filled" : "off"}
      disabled={toggle === undefined}
      onClick={toggle}
      data-testid="camera-button"
      data-on={isOn}
    />
  );
}
