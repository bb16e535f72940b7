import { Download } from "lucide-react";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { ButtonLink } from "../../ui/ButtonLink";
import { CopyButton } from "./CopyButton";
import css from "./Profile.module.css";

type RecoveryCodesProps = { codes: readonly string[]; username: string; onKept: () => void };

/** The codes that stand in for a lost phone, to copy or to keep as a file. */
export function RecoveryCodes({ codes, username, onKept }: RecoveryCodesProps) {
  const { t } = useTranslation();
  const head = t("factor.fileHead", { name: username, host: location.host });
  const file = useMemo(
    () => URL.createObjectURL(new Blob([`${head}\n\n${codes.join("\n")}\n`], { type: "text/plain" })),
    [head, codes],
  );
  useEffect(() => () => URL.revokeObjectURL(file), [file]);
  return (
    <>
      <ul className={css.codes} data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={css.buttons}>
        <CopyButton text={codes.join("\n")} label={t("factor.copyCodes")} />
        <ButtonLink href={file} download={`salon-${username}.txt`} icon={<Download aria-hidden="true" />}>
          {t("factor.download")}
        </ButtonLink>
      </div>
      <Button look="primary" wide onClick={onKept} data-testid="codes-kept">
        {t("factor.kept")}
      </Button>
    </>
  );
}
