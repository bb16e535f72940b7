import { useTranslation } from "react-i18next";
import type { MeetingCounts } from "../../state/administration";
import { classes } from "../../ui/classes";
import css from "./Figures.module.css";

const PARTS = ["active", "scheduled", "ended", "cancelled"] as const satisfies (keyof MeetingCounts)[];

/** All meetings as one bar, cut by how far they have come, with the numbers below. */
export function MeetingBar({ counts }: { counts: MeetingCounts }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <div className={classes(css.card, css.wide)} data-testid="figure-meetings">
      <p className={css.label}>{t("admin.live.meetingsByStatus")}</p>
      <div className={css.bar} aria-hidden="true">
        {PARTS.filter((part) => counts[part] > 0).map((part) => (
          <span key={part} className={css[part]} style={{ flexGrow: counts[part] }} />
        ))}
      </div>
      <dl className={css.legend}>
        {PARTS.map((part) => (
          <div key={part}>
            <dt>
              <span className={classes(css.swatch, css[part])} aria-hidden="true" />
              {t(`admin.meeting.${part}`)}
            </dt>
            <dd>{number.format(counts[part])}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
