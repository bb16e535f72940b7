import { useTranslation } from "react-i18next";
import type { Captions } from "../../state/captions";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import css from "./CaptionsBadge.module.css";

/** In sight of everybody for as long as what is said is written down. */
export function CaptionsBadge({ model }: { model: Readable<Captions> }) {
  const { t } = useTranslation();
  const { state } = useReadable(model);
  if (state !== "on") return null;
  return (
    <span className={css.badge} role="img" aria-label={t("captions.badge")} title={t("captions.badge")} data-testid="captions-badge">
      {t("captions.short")}
    </span>
  );
}
