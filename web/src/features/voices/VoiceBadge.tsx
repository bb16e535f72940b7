import { AudioWaveform, BellOff, Clock3, EyeOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { VoiceWarning } from "../../state/voices";
import { Button } from "../../ui/Button";
import { Popover } from "../../ui/Popover";
import css from "./VoiceBadge.module.css";

export type VoiceBadgeProps = {
  warning: VoiceWarning;
  /** Whose voice it is. */
  name: string;
  /** On a picture, or in a list. */
  place: "tile" | "row";
};

/** A voice may be synthetic. A press says what that means, that it is a guess, and what to do. */
export function VoiceBadge({ warning: { speech_s, dismiss }, name, place }: VoiceBadgeProps) {
  const { t } = useTranslation();
  const label = t("voices.badgeNamed", { name });
  const onDismiss = () => {
    dismiss();
    document.querySelector("main")?.focus(); // The badge that would get the focus back is gone.
  };
  return (
    <Popover
      label={label}
      testId="voice-details"
      trigger={
        <button type="button" className={css.badge} data-place={place} aria-label={label} data-testid="voice-badge">
          <AudioWaveform aria-hidden="true" />
          <span>{t("voices.badge")}</span>
        </button>
      }
    >
      <div className={css.details}>
        <header className={css.head}>
          <AudioWaveform aria-hidden="true" />
          <h2 className={css.title}>{t("voices.badge")}</h2>
          <p className={css.name}>{name}</p>
        </header>
        <p>{t("voices.meaning")}</p>
        <p className={css.advice}>{t("voices.advice")}</p>
        <ul className={css.facts}>
          <li>
            <Clock3 aria-hidden="true" />
            {t("voices.basis", { count: speech_s })}
          </li>
          <li>
            <EyeOff aria-hidden="true" />
            {t("voices.whoSees")}
          </li>
        </ul>
        <Button size="small" wide icon={<BellOff aria-hidden="true" />} onClick={onDismiss} data-testid="voice-dismiss">
          {t("voices.dismiss")}
        </Button>
      </div>
    </Popover>
  );
}
