import { ClosedCaption } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Captions } from "../../state/captions";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import css from "../call/Banner.module.css";

/** Tells everybody else that what they say is written down now; stays until they have said that they know. */
export function CaptionsNews({ model }: { model: Readable<Captions> }) {
  const { t } = useTranslation();
  const { isNews, by, understand } = useReadable(model);
  if (!isNews) return null;
  return (
    <div className={classes(css.banner, css.calm)} role="status" data-testid="captions-news">
      <ClosedCaption aria-hidden="true" />
      <p className={css.text}>
        <strong>{by === "" ? t("captions.news") : t("captions.newsBy", { name: by })}</strong>
        <span>{t("captions.newsText")}</span>
      </p>
      <Button size="small" look="quiet" onClick={understand} data-testid="captions-understood">
        {t("captions.understood")}
      </Button>
    </div>
  );
}
