import { useTranslation } from "react-i18next";
import type { Person } from "../../state/account";
import { Avatar } from "../../ui/Avatar";
import css from "./PreJoinScreen.module.css";

/** The name that others will see. */
export function PersonCard({ person }: { person: Person }) {
  const { t } = useTranslation();
  return (
    <div className={css.person}>
      <Avatar name={person.name} picture={person.avatarUrl} />
      <p>
        <span className={css.as}>{t("preJoin.name")}</span>
        <strong className={css.name}>{person.name}</strong>
      </p>
    </div>
  );
}
