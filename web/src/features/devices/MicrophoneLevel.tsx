import { useTranslation } from "react-i18next";
import type { LocalMedia } from "../../state/media";
import { useReadable } from "../../state/useReadable";
import { LevelMeter } from "../../ui/LevelMeter";
import css from "./DevicePickers.module.css";

/** Shows that the microphone hears, before anybody else does. */
export function MicrophoneLevel({ media }: { media: LocalMedia }) {
  const { t } = useTranslation();
  const { isMuted, trouble } = useReadable(media.microphone);
  const level = useReadable(media.level);
  if (trouble !== null) {
    return null;
  }
  return (
    <div className={css.level}>
      <LevelMeter level={isMuted ? 0 : level} label={t("preJoin.level")} />
      <p className={css.hint}>{t(isMuted ? "preJoin.mutedHint" : "preJoin.speakHint")}</p>
    </div>
  );
}
