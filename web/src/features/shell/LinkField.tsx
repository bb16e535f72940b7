import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import { useCopyLink } from "./useCopyLink";
import css from "./LinkField.module.css";

/** A meeting's link, to select by hand or copy with one press. */
export function LinkField({ link, label }: { link: string; label?: string }) {
  const { t } = useTranslation();
  const copy = useCopyLink();
  const [isCopied, setCopied] = useState(false);
  return (
    <TextField
      className={css.link}
      label={label ?? t("create.link")}
      value={link}
      readOnly
      onFocus={(event) => event.target.select()}
      action={
        <Button size="small" icon={isCopied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />} className={css.copy} onClick={() => void copy(link).then(setCopied)}>
          {t(isCopied ? "common.copied" : "common.copyLink")}
        </Button>
      }
    />
  );
}
