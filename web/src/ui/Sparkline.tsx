import { sparkline } from "./sparklinePath";
import css from "./Sparkline.module.css";

const WIDTH = 120;
const HEIGHT = 32;

/** How a figure went lately, newest at the right edge. A picture for the eye: the figure itself stands beside it. */
export function Sparkline({ values, slots }: { values: readonly number[]; slots: number }) {
  const { line, area, end } = sparkline(values, { width: WIDTH, height: HEIGHT, slots });
  return (
    <svg className={css.sparkline} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path className={css.ground} d={`M0 ${HEIGHT}H${WIDTH}`} />
      <path className={css.area} d={area} />
      <path className={css.line} d={line} />
      {end !== null && <path className={css.dot} d={`M${end.x} ${end.y}h0`} />}
    </svg>
  );
}
