import { Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import { useCopyLink } from "./useCopyLink";
import css from "./LinkField.module.css";

/** A meeting's link, to select by hand or copy with one press. */
export function LinkField({ link }: { link: string }) {
  const { t } = useTranslation();
  const copy = useCopyLink();
  return (
    <TextField
      className={css.link}
      label={t("create.link")}
      value={link}
      readOnly
      onFocus={(event) => event.target.select()}
      action={
        <Button size="small" icon={<Copy aria-hidden="true" />} className={css.copy} onClick={() => void copy(link)}>
          {t("common.copyLink")}
        </Button>
      }
    />
  );
}
