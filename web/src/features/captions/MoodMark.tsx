import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Mood, MoodLabel } from "../../state/captions";
import css from "./MoodMark.module.css";

/** Faces in the line style of the other icons, on a ground of 24 by 24. */
const FACES: Readonly<Record<MoodLabel, ReactNode>> = {
  neutral: <path d="M9 9.5h.01M15 9.5h.01M8.5 15h7" />,
  happy: <path d="M9 9.5h.01M15 9.5h.01M8 14s1.5 2.2 4 2.2 4-2.2 4-2.2" />,
  sad: <path d="M9 9.5h.01M15 9.5h.01M8 16.2s1.5-2.2 4-2.2 4 2.2 4 2.2" />,
  angry: <path d="m7.5 8 2.8 1.4M16.5 8l-2.8 1.4M9.3 11h.01M14.7 11h.01M8.5 16s1.4-1.6 3.5-1.6 3.5 1.6 3.5 1.6" />,
  fear: <path d="m7.3 8.4 2.5-1.4M16.7 8.4l-2.5-1.4M9 10.8h.01M15 10.8h.01M7.6 16l2.2-1.7 2.2 1.7 2.2-1.7 2.2 1.7" />,
  disgust: <path d="M8 9.5h2.4M13.6 9.5H16M8 15.6c1.3-1.5 2.7-1.5 4 0s2.7 1.5 4 0" />,
  surprise: (
    <>
      <path d="M9 9h.01M15 9h.01" />
      <circle cx="12" cy="15" r="2" />
    </>
  ),
};

type MoodMarkProps = { mood: Mood; hasWord?: boolean };

/** What a line sounds like: a face, with its word beside it if asked for; the hint says how sure it is, and that it is a guess. */
export function MoodMark({ mood: { label, share }, hasWord = false }: MoodMarkProps) {
  const { t, i18n } = useTranslation();
  const word = t(`captions.mood.${label}`);
  const hint = t("captions.mood.hint", { mood: word, percent: Math.round(share * 100) });
  return (
    // The line around it is marked with its speaker's language.
    <span className={css.mood} lang={i18n.language} role="img" aria-label={hint} title={hint} data-mood={label} data-testid="mood">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="10" />
        {FACES[label]}
      </svg>
      {hasWord && <span aria-hidden="true">{word}</span>}
    </span>
  );
}
