import { useTranslation } from "react-i18next";
import type { MinutesView } from "../../state/minutes";
import { Avatar } from "../../ui/Avatar";
import { clockText } from "../recordings/amounts";
import css from "./Minutes.module.css";

/** How long each person spoke, longest first. */
export function SpeakingTime({ shares }: { shares: MinutesView["speakingTime"] }) {
  const { t } = useTranslation();
  const total_s = shares.reduce((sum, { seconds }) => sum + seconds, 0);
  const most_s = Math.max(1, ...shares.map(({ seconds }) => seconds));
  return (
    <section className={css.card} data-testid="speaking-time">
      <h2 className={css.title}>{t("minutes.speaking")}</h2>
      {shares.length === 0 && <p className={css.none}>{t("minutes.nobody")}</p>}
      <ul className={css.shares}>
        {[...shares]
          .sort((one, other) => other.seconds - one.seconds)
          .map(({ userId, speaker, seconds }) => {
            const name = speaker === "" ? t("transcript.someone") : speaker;
            const percent = total_s === 0 ? 0 : Math.round((seconds / total_s) * 100);
            return (
              <li key={`${userId} ${speaker}`} className={css.share}>
                <Avatar name={name} size="small" />
                <div className={css.measure}>
                  <p className={css.who}>
                    <span>{name}</span>
                    <span aria-hidden="true">{clockText(seconds)}</span>
                  </p>
                  <div className={css.track} role="img" aria-label={t("minutes.speakingOf", { name, time: clockText(seconds), percent })}>
                    <span className={css.bar} style={{ inlineSize: `${(seconds / most_s) * 100}%` }} />
                  </div>
                </div>
              </li>
            );
          })}
      </ul>
    </section>
  );
}
