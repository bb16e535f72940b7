import { useTranslation } from "react-i18next";
import type { LocalMedia } from "../../state/media";
import { Dialog } from "../../ui/Dialog";
import { DevicePickers } from "../devices/DevicePickers";
import { PermissionHelp } from "../devices/PermissionHelp";

/** Changes devices in the middle of a call. */
export function DevicesDialog({ media, onClose }: { media: LocalMedia; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog onClose={onClose} title={t("call.settings")} closeLabel={t("common.close")}>
      <PermissionHelp media={media} />
      <DevicePickers media={media} />
    </Dialog>
  );
}
