import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Enrolment, OwnAccount } from "../../state/profile";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { PasswordField } from "../account/PasswordField";
import { problemText } from "../shell/problemText";
import { CopyButton } from "./CopyButton";
import { RecoveryCodes } from "./RecoveryCodes";
import { useAction } from "./useAction";
import css from "./Profile.module.css";

type FactorDialogProps = { own: OwnAccount; username: string; onClose: () => void };

type Step =
  | { readonly at: "password" }
  | { readonly at: "scan"; readonly enrolment: Enrolment }
  | { readonly at: "codes"; readonly codes: readonly string[] };

/** Sets the second factor up: password, the app's first code, recovery codes. */
export function FactorDialog({ own, username, onClose }: FactorDialogProps) {
  const { t } = useTranslation();
  const [step, setStep] = useState<Step>({ at: "password" });
  if (step.at === "codes") {
    return (
      <Dialog title={t("factor.codesTitle")} description={t("factor.codesText")} closeLabel={t("common.close")} isHeld onClose={onClose}>
        <RecoveryCodes codes={step.codes} username={username} onKept={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={t("factor.setupTitle")}
      description={t(step.at === "password" ? "factor.passwordText" : "factor.scanText")}
      closeLabel={t("common.close")}
      onClose={onClose}
    >
      {step.at === "password" ? (
        <PasswordStep own={own} onNext={(enrolment) => setStep({ at: "scan", enrolment })} />
      ) : (
        <ScanStep
          own={own}
          enrolment={step.enrolment}
          onNext={(codes) => setStep({ at: "codes", codes })}
        />
      )}
    </Dialog>
  );
}

function PasswordStep({ own, onNext }: { own: OwnAccount; onNext: (enrolment: Enrolment) => void }) {
  const { t } = useTranslation();
  const { isBusy, problem, run } = useAction();
  const [password, setPassword] = useState("");
  const [isChecked, setChecked] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (password !== "") void run(() => own.beginFactor(password), onNext);
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
      <PasswordField
        label={t("account.password")}
        name="proof-password"
        autoComplete="current-password"
        value={password}
        error={isChecked && password === "" ? t("account.required") : undefined}
        onChange={setPassword}
      />
      <Button type="submit" look="primary" wide busy={isBusy} data-testid="factor-next">
        {t("factor.next")}
      </Button>
    </form>
  );
}

type ScanStepProps = { own: OwnAccount; enrolment: Enrolment; onNext: (codes: readonly string[]) => void };

function ScanStep({ own, enrolment, onNext }: ScanStepProps) {
  const { t } = useTranslation();
  const { isBusy, problem, run } = useAction();
  const [code, setCode] = useState("");
  const [isChecked, setChecked] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setChecked(true);
    if (code.trim() !== "") void run(() => own.enableFactor(code.trim()), onNext);
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <img className={css.qr} src={`data:image/svg+xml,${encodeURIComponent(enrolment.qrSvg)}`} alt={t("factor.qr")} />
      <div>
        <p className={css.hint}>{t("factor.manual")}</p>
        <p className={css.secret}>
          {/* In fours, as apps show it; blanks do not count when it is typed in. */}
          <code data-testid="factor-secret">{enrolment.secret.match(/.{1,4}/g)?.join(" ")}</code>
          <CopyButton text={enrolment.secret} label={t("factor.copyKey")} size="small" />
        </p>
      </div>
      <TextField
        className={css.code}
        label={t("factor.codeText")}
        name="code"
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={7}
        value={code}
        error={isChecked && code.trim() === "" ? t("account.required") : undefined}
        onChange={(event) => setCode(event.target.value)}
      />
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
      <Button type="submit" look="primary" wide busy={isBusy} data-testid="factor-enable">
        {t("factor.switchOn")}
      </Button>
    </form>
  );
}
