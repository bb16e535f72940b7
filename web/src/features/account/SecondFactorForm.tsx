import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Proof, SecondFactor } from "../../state/account";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import css from "./SignInScreen.module.css";

type SecondFactorFormProps = { busy: boolean; fault: string | undefined; step: SecondFactor };

const TEXTS = {
  app: { text: "entry.factorText", label: "entry.factorCode", other: "entry.useRecovery" },
  recovery: { text: "entry.recoveryText", label: "entry.recoveryCode", other: "entry.useApp" },
} as const;

/** The second step of a sign-in: a code of the authenticator app, or a recovery code. */
export function SecondFactorForm({ busy, fault, step }: SecondFactorFormProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Proof["kind"]>("app");
  const [code, setCode] = useState("");
  const [isMissing, setMissing] = useState(false);
  const texts = TEXTS[kind];
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setMissing(code.trim() === "");
    if (code.trim() !== "" && !busy) step.answer({ kind, code: code.trim() });
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate data-testid="second-factor">
      <h2 className={css.stepTitle}>{t("entry.factorTitle")}</h2>
      <p className={css.stepText}>{t(texts.text)}</p>
      {fault !== undefined && <Notice tone="error">{fault}</Notice>}
      <TextField
        // Another field, so that its value, focus and keyboard are its own.
        key={kind}
        className={css.code}
        label={t(texts.label)}
        name="code"
        autoComplete={kind === "app" ? "one-time-code" : "off"}
        inputMode={kind === "app" ? "numeric" : "text"}
        autoCapitalize="none"
        spellCheck={false}
        maxLength={kind === "app" ? 7 : 20}
        autoFocus
        value={code}
        error={isMissing ? t("account.required") : undefined}
        onChange={(event) => {
          setCode(event.target.value);
          setMissing(false);
        }}
      />
      <Button type="submit" look="primary" size="large" wide busy={busy}>
        {t("entry.verify")}
      </Button>
      <div className={css.stepWays}>
        <Button
          look="quiet"
          size="small"
          onClick={() => {
            setKind(kind === "app" ? "recovery" : "app");
            setCode("");
            setMissing(false);
          }}
        >
          {t(texts.other)}
        </Button>
        <Button look="quiet" size="small" onClick={step.cancel}>
          {t("entry.otherAccount")}
        </Button>
      </div>
    </form>
  );
}
