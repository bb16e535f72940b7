import { DoorOpen } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Hosting } from "../../state/hosting";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import css from "./Banner.module.css";

/** Tells a moderator that somebody stands outside; nothing while nobody does. */
export function WaitingBanner({ model, onShow }: { model: Readable<Hosting>; onShow: () => void }) {
  const { t } = useTranslation();
  const { waiting, actions } = useReadable(model);
  const [first] = waiting;
  if (first === undefined) {
    return null;
  }
  const isOne = waiting.length === 1;
  return (
    <div className={classes(css.banner, css.calm)} role="status" data-testid="waiting-banner">
      <DoorOpen aria-hidden="true" />
      <p className={css.text}>
        {isOne ? t("lobby.waitingNamed", { name: first.name }) : t("lobby.waiting", { count: waiting.length })}
      </p>
      <Button size="small" look="quiet" onClick={onShow}>
        {t("lobby.show")}
      </Button>
      <Button size="small" look="primary" onClick={isOne ? () => actions.admit(first.userId) : actions.admitAll}>
        {t(isOne ? "lobby.admit" : "lobby.admitAll")}
      </Button>
    </div>
  );
}
