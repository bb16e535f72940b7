import { useTranslation } from "react-i18next";
import type { Overview, Trend } from "../../state/administration";
import { Skeleton } from "../../ui/Skeleton";
import { Sparkline } from "../../ui/Sparkline";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import { MeetingBar } from "./MeetingBar";
import css from "./Figures.module.css";

const TRENDS = ["rooms", "people", "sessions"] as const satisfies Trend[];
/** Two minutes from edge to edge. */
const SLOTS = 40;

type FiguresProps = { figures: NonNullable<Overview["figures"]>; trends: Overview["trends"] };

/** The server in a few figures, those of the moment with how they went lately. */
export function Figures({ figures, trends }: FiguresProps) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <section className={css.figures} aria-label={t("admin.live.now")}>
      {TRENDS.map((trend) => (
        <div key={trend} className={css.card} data-testid={`figure-${trend}`}>
          <p className={css.label}>{t(`admin.live.${trend}`)}</p>
          <p className={css.value}>{number.format(figures[trend])}</p>
          <Sparkline values={trends[trend]} slots={SLOTS} />
        </div>
      ))}
      <div className={css.card} data-testid="figure-accounts">
        <p className={css.label}>{t("admin.live.accounts")}</p>
        <p className={css.value}>{number.format(figures.accounts)}</p>
        <p className={css.hint}>{t("admin.live.accountsHint")}</p>
      </div>
      <MeetingBar counts={figures.meetings} />
    </section>
  );
}

/** The shape of the figures while they are on their way. */
export function FiguresSkeleton({ label }: { label: string }) {
  return (
    <div className={css.figures} role="status" aria-busy="true">
      <VisuallyHidden>{label}</VisuallyHidden>
      {[0, 1, 2, 3].map((index) => (
        <div key={index} className={css.card} aria-hidden="true">
          <Skeleton width="6rem" height="1rem" />
          <Skeleton width="3rem" height="2.25rem" />
          <Skeleton width="100%" height="2.25rem" />
        </div>
      ))}
    </div>
  );
}
