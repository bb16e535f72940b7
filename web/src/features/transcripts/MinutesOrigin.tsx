import { Info, PenLine, Quote } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { MinutesView } from "../../state/minutes";
import css from "./Minutes.module.css";

/** Who made the minutes, and how far they can be trusted. */
export function MinutesOrigin({ minutes: { madeBy, leftOut, fallback } }: { minutes: MinutesView }) {
  const { t } = useTranslation();
  return (
    <div className={css.origin} data-testid="minutes-origin">
      {fallback !== null && (
        <p className={css.method}>
          <Info aria-hidden="true" />
          {t(`minutes.fallback.${fallback}`)}
        </p>
      )}
      <p className={css.method}>
        {madeBy === null ? <Quote aria-hidden="true" /> : <PenLine aria-hidden="true" />}
        <span>
          {madeBy === null ? t("minutes.method") : t("minutes.madeBy", { model: madeBy })}
          {leftOut > 0 && ` ${t("minutes.leftOut", { count: leftOut })}`}
        </span>
      </p>
    </div>
  );
}
