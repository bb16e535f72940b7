import { useTranslation } from "react-i18next";
import type { Playback } from "../../state/playback";
import type { Chapter } from "../../state/timeline";
import { clockText } from "./amounts";
import css from "./Player.module.css";

/** What happened when; a press goes there. */
export function Chapters({ chapters, playback }: { chapters: readonly Chapter[]; playback: Playback }) {
  const { t } = useTranslation();
  return (
    <section className={css.panel} aria-label={t("player.chapters")}>
      <h2 className={css.panelTitle}>{t("player.chapters")}</h2>
      {chapters.length === 0 && <p className={css.meta}>{t("player.noChapters")}</p>}
      <ol className={css.chapters} data-testid="chapters">
        {chapters.map(({ at_s, kind, name }, index) => (
          <li key={index}>
            <button type="button" className={css.chapter} data-kind={kind} onClick={() => playback.seek(at_s)}>
              <span className={css.chapterTime}>{clockText(at_s)}</span>
              <span>{t(`player.${kind}`, { name: name === "" ? t("player.someone") : name })}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
