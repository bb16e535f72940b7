import { useTranslation } from "react-i18next";
import type { LocalMedia } from "../../state/media";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";

/** Says why a camera or microphone does not run and what to do about it; nothing if all is well. */
export function PermissionHelp({ media }: { media: LocalMedia }) {
  const { t } = useTranslation();
  const isAsking = useReadable(media.isAsking);
  const microphone = useReadable(media.microphone);
  const camera = useReadable(media.camera);
  if (isAsking) {
    return (
      <Notice tone="info" title={t("permission.title")}>
        {t("permission.prompt")}
      </Notice>
    );
  }
  const trouble = microphone.trouble ?? camera.trouble;
  if (trouble === null) {
    return null;
  }
  return (
    <Notice
      tone="warn"
      title={t(`permission.${trouble}Title`)}
      action={
        trouble !== "insecure" && (
          <Button size="small" onClick={() => media.retry()}>
            {t("common.retry")}
          </Button>
        )
      }
    >
      {t(`permission.${trouble}`)}
    </Notice>
  );
}
