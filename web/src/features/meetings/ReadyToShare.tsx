import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { LinkField } from "../shell/LinkField";
import css from "./CreateDialog.module.css";

/** The link of a new meeting, and the way in. */
export function ReadyToShare({ link, onEnter }: { link: string; onEnter: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={css.ready}>
      <LinkField link={link} />
      <Button look="primary" size="large" wide onClick={onEnter}>
        {t("create.enter")}
      </Button>
    </div>
  );
}
