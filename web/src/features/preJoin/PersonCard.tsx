import { useTranslation } from "react-i18next";
import { Avatar } from "../../ui/Avatar";
import css from "./PreJoinScreen.module.css";

/** The name that others will see. */
export function PersonCard({ name }: { name: string }) {
  const { t } = useTranslation();
  return (
    <div className={css.person}>
      <Avatar name={name} />
      <p>
        <span className={css.as}>{t("preJoin.name")}</span>
        <strong className={css.name}>{name}</strong>
      </p>
    </div>
  );
}
