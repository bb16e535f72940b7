import { ShieldCheck, ShieldOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount, ProfileView } from "../../state/profile";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Notice } from "../../ui/Notice";
import { useToast } from "../../ui/toastStore";
import { Card } from "./Card";
import { FactorDialog } from "./FactorDialog";
import { ProofDialog } from "./ProofDialog";
import { RenewDialog } from "./RenewDialog";
import css from "./Profile.module.css";

const FEW_CODES = 3;

/** The second factor: on, off, and what it leaves to recover with. */
export function FactorCard({ own, profile }: { own: OwnAccount; profile: ProfileView }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [open, setOpen] = useState<"setup" | "disable" | "renew" | null>(null);
  const { isOn, recoveryCodesLeft } = profile.factor;
  const close = () => setOpen(null);
  return (
    <Card
      title={t("profile.factor")}
      text={t("profile.factorText")}
      testId="factor-card"
      mark={
        <span className={classes(css.mark, isOn && css.on)} data-testid="factor-state">
          {isOn ? <ShieldCheck aria-hidden="true" /> : <ShieldOff aria-hidden="true" />}
          {t(isOn ? "profile.factorOn" : "profile.factorOff")}
        </span>
      }
    >
      {isOn && recoveryCodesLeft <= FEW_CODES && <Notice tone="warn">{t("profile.factorFew")}</Notice>}
      {isOn && <p className={css.hint}>{t("profile.factorLeft", { count: recoveryCodesLeft })}</p>}
      <div className={css.buttons}>
        {isOn ? (
          <>
            <Button onClick={() => setOpen("renew")} data-testid="renew-codes">
              {t("profile.renew")}
            </Button>
            <Button look="quiet" onClick={() => setOpen("disable")} data-testid="disable-factor">
              {t("profile.disable")}
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={() => setOpen("setup")} data-testid="setup-factor">
            {t("profile.factorStart")}
          </Button>
        )}
      </div>
      {open === "setup" && (
        <FactorDialog
          own={own}
          username={profile.username}
          onClose={() => {
            close();
            if (isOn) toast(t("factor.turnedOn"), "ok");
          }}
        />
      )}
      {open === "renew" && <RenewDialog own={own} username={profile.username} onClose={close} />}
      {open === "disable" && (
        <ProofDialog
          title={t("factor.disableTitle")}
          text={t("factor.disableText")}
          confirm={t("factor.disableConfirm")}
          look="danger"
          send={(password, code) => own.disableFactor(password, code)}
          onDone={() => {
            close();
            toast(t("factor.turnedOff"), "ok");
          }}
          onClose={close}
        />
      )}
    </Card>
  );
}
