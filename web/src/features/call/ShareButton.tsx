import { MonitorUp, MonitorX } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ScreenShare } from "../../state/call";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { IconButton } from "../../ui/IconButton";

/** Shows the screen in place of the camera. Not there where the browser cannot. */
export function ShareButton({ model }: { model: Readable<ScreenShare> }) {
  const { t } = useTranslation();
  const { isSharing, toggle, blocked } = useReadable(model);
  if (toggle === undefined && blocked === undefined) {
    return null;
  }
  const reason = blocked === undefined ? null : blocked === "held" ? "host.shareHeld" : "host.shareOff";
  return (
    <IconButton
      label={t(reason ?? (isSharing ? "call.stopShare" : "call.share"))}
      disabled={toggle === undefined}
      shortcut="S"
      icon={isSharing ? <MonitorX /> : <MonitorUp />}
      tone={isSharing ? "lit" : "filled"}
      onClick={toggle}
      data-testid="share-button"
      data-on={isSharing}
    />
  );
}
