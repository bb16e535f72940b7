import { AudioWaveform } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { VoiceNote } from "../../state/transcript";
import css from "./Transcript.module.css";

/** Between the lines: from here on a voice seemed synthetic, or no longer did. A guess, and worded as one. */
export function VoiceNoteRow({ note: { speaker, isSuspicious }, time }: { note: VoiceNote; time: ReactNode }) {
  const { t } = useTranslation();
  const name = speaker === "" ? t("transcript.someone") : speaker;
  return (
    <li className={css.note} data-suspicious={isSuspicious} data-testid="voice-note">
      <span className={css.time}>{time}</span>
      <p className={css.noteText}>
        <AudioWaveform aria-hidden="true" />
        <span>{t(isSuspicious ? "transcript.voiceSuspicious" : "transcript.voiceCleared", { name })}</span>
      </p>
    </li>
  );
}
