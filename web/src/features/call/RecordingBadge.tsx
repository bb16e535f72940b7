import { useTranslation } from "react-i18next";
import type { Readable } from "../../state/readable";
import type { RecordingNow } from "../../state/recordingNow";
import { useReadable } from "../../state/useReadable";
import { Elapsed } from "./Elapsed";
import css from "./CallHeader.module.css";

/** In sight of everybody for as long as the call is recorded. */
export function RecordingBadge({ model }: { model: Readable<RecordingNow> }) {
  const { t } = useTranslation();
  const { running } = useReadable(model);
  if (running === null) return null;
  return (
    <span className={css.recording} role="img" aria-label={t("recording.by", { name: running.by })} title={t("recording.by", { name: running.by })} data-testid="recording-badge">
      {t("recording.short")} <Elapsed since={running.startedAt} />
    </span>
  );
}
