import { useTranslation } from "react-i18next";
import { Logo } from "../../ui/Logo";
import css from "./Splash.module.css";

/** The moment before there is anything to show. It appears only if that moment is long enough to notice. */
export function Splash() {
  const { t } = useTranslation();
  return (
    <div className={css.splash} role="status" aria-label={t("common.loading")}>
      <Logo size={56} />
    </div>
  );
}
