import { useId, type MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Playback } from "../../state/playback";
import type { Span, TimelinePicture } from "../../state/timeline";
import { useReadable } from "../../state/useReadable";
import { clockText } from "./amounts";
import css from "./Player.module.css";

/** Units of the drawing across the whole duration. */
const WIDTH = 1000;
const HEIGHT = 20;

/** Who spoke when: a lane for each person. A press anywhere goes there. */
export function Lanes({ timeline, playback }: { timeline: TimelinePicture; playback: Playback }) {
  const { t } = useTranslation();
  const hatch = useId();
  const { duration_s, lanes, chapters } = timeline;
  const at_s = useReadable(playback.position);
  const x = (seconds: number) => (duration_s <= 0 ? 0 : (seconds / duration_s) * WIDTH);
  const seek = (event: MouseEvent<SVGElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    if (width > 0) playback.seek(((event.clientX - left) / width) * duration_s);
  };
  const bars = (spans: readonly Span[], inset: number, look: { className?: string | undefined; fill?: string }) =>
    spans.map(({ start_s, end_s }) => (
      <rect key={start_s} x={x(start_s)} y={inset} width={Math.max(1.5, x(end_s) - x(start_s))} height={HEIGHT - 2 * inset} {...look} />
    ));
  return (
    <section className={css.panel} aria-label={t("player.voices")}>
      <h2 className={css.panelTitle}>{t("player.voices")}</h2>
      <svg className={css.patterns} aria-hidden="true">
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2.5" height="6" className={css.hatchLine} />
        </pattern>
      </svg>
      <ul className={css.lanes} data-testid="lanes">
        {lanes.map(({ streams, name, present, speech, gaps }) => {
          const shownName = name === "" ? t("player.someone") : name;
          return (
            <li key={streams.join()} className={css.lane}>
              <span className={css.laneName}>{shownName}</span>
              <svg
                className={css.laneBar}
                viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
                preserveAspectRatio="none"
                role="img"
                aria-label={t("player.lane", { name: shownName, count: speech.length })}
                onClick={seek}
              >
                {bars(present, 5, { className: css.present })}
                {bars(gaps, 5, { fill: `url(#${hatch})` })}
                {bars(speech, 2, { className: css.speech })}
                {chapters.map(({ at_s: at, kind }, index) => (
                  <line key={index} x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} className={css.mark} data-kind={kind} />
                ))}
                <line x1={x(at_s)} x2={x(at_s)} y1={0} y2={HEIGHT} className={css.head} />
              </svg>
            </li>
          );
        })}
      </ul>
      <p className={css.legend}>
        <span data-look="speech">{t("player.legendSpeech")}</span>
        <span data-look="present">{t("player.legendPresent")}</span>
        <span data-look="gap">{t("player.legendGap")}</span>
        <span className={css.legendEnd}>{clockText(duration_s)}</span>
      </p>
    </section>
  );
}
