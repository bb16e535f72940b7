import { CircleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Readable } from "../../state/readable";
import type { RecordingNow } from "../../state/recordingNow";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import dialogCss from "../../ui/ConfirmDialog.module.css";
import css from "./Banner.module.css";

/** Asks everybody who is recorded by somebody else: to know of it, or to go. */
export function RecordingNotice({ model, onLeave }: { model: Readable<RecordingNow>; onLeave: () => void }) {
  const { t } = useTranslation();
  const { running, isNews, understand } = useReadable(model);
  if (running === null || !isNews) return null;
  return (
    <Dialog
      title={running.by === "" ? t("recording.noticeTitle") : t("recording.noticeBy", { name: running.by })}
      description={t("recording.noticeText")}
      closeLabel={t("recording.understood")}
      isHeld
      onClose={understand}
    >
      <div className={dialogCss.actions}>
        <Button onClick={onLeave} data-testid="recording-leave">{t("recording.leave")}</Button>
        <Button look="primary" onClick={understand} data-testid="recording-understood">
          {t("recording.understood")}
        </Button>
      </div>
    </Dialog>
  );
}

/** Says that the recording is in trouble; nothing while it is well. */
export function RecordingTrouble({ model }: { model: Readable<RecordingNow> }) {
  const { t } = useTranslation();
  const { warning, hideWarning } = useReadable(model);
  if (warning === "") return null;
  return (
    <div className={css.banner} role="alert" data-testid="recording-trouble">
      <CircleAlert aria-hidden="true" />
      <p className={css.text}>
        <strong>{t("recording.trouble")}</strong>
        <span>{warning}</span>
      </p>
      <Button size="small" look="quiet" onClick={hideWarning}>
        {t("common.dismiss")}
      </Button>
    </div>
  );
}
