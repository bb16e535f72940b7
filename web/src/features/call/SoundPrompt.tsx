import { VolumeX } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Sound } from "../../state/call";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import css from "./Banner.module.css";

/** Asks for the click that some browsers want before they play sound. */
export function SoundPrompt({ model }: { model: Readable<Sound> }) {
  const { t } = useTranslation();
  const { isBlocked, unblock } = useReadable(model);
  if (!isBlocked) {
    return null;
  }
  return (
    <div className={classes(css.banner, css.calm)} role="alert">
      <VolumeX aria-hidden="true" />
      <p className={css.text}>{t("call.hearBlocked")}</p>
      <Button look="primary" size="small" onClick={unblock}>
        {t("call.hear")}
      </Button>
    </div>
  );
}
