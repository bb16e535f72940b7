import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Captions } from "../../state/captions";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { MoodMark } from "./MoodMark";
import { speakerColour } from "./speakerColour";
import css from "./CaptionOverlay.module.css";

/** What is being said, over the lower edge of the pictures. */
export function CaptionOverlay({ model }: { model: Readable<Captions> }) {
  const { t } = useTranslation();
  const { size, recent, condition, text } = useReadable(model);
  const shownName = (speaker: string) => (speaker === "" ? t("captions.someone") : speaker);
  return (
    <section className={css.overlay} aria-label={t("captions.overlay")} data-size={size} data-testid="caption-overlay">
      {condition !== "ok" && (
        <p className={css.trouble} role="status" data-testid="caption-condition" data-condition={condition}>
          <TriangleAlert aria-hidden="true" />
          <span>
            {t(`captions.${condition}`)} {condition === "unavailable" && text}
          </span>
        </p>
      )}
      {recent.length > 0 && (
        // For the eye alone: a line that is still being guessed would be read out again with every word.
        <ol className={css.lines} aria-hidden="true">
          {recent.map((line) => (
            <li key={line.id} className={css.line} lang={line.language} data-final={line.isFinal} data-speaker={line.speaker} data-testid="caption-line">
              <strong className={css.speaker} style={{ color: speakerColour(line.speaker) }}>
                {shownName(line.speaker)}
              </strong>{" "}
              <span className={css.words}>{line.text}</span>
              {line.mood !== null && (
                <span className={css.mood}>
                  {" "}
                  <MoodMark mood={line.mood} />
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      <ol className={css.spoken} aria-live="polite" aria-relevant="additions" data-testid="caption-spoken">
        {recent
          .filter(({ isFinal }) => isFinal)
          .map((line) => (
            <li key={line.id} lang={line.language}>
              {shownName(line.speaker)}: {line.text}
            </li>
          ))}
      </ol>
    </section>
  );
}
