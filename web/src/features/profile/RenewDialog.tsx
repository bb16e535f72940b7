import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../state/profile";
import { Dialog } from "../../ui/Dialog";
import { ProofDialog } from "./ProofDialog";
import { RecoveryCodes } from "./RecoveryCodes";

type RenewDialogProps = { own: OwnAccount; username: string; onClose: () => void };

/** New recovery codes in place of the present ones. */
export function RenewDialog({ own, username, onClose }: RenewDialogProps) {
  const { t } = useTranslation();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes === null) {
    return (
      <ProofDialog
        title={t("factor.renewTitle")}
        text={t("factor.renewText")}
        confirm={t("factor.renewConfirm")}
        send={(password, code) => own.renewRecoveryCodes(password, code)}
        onDone={setCodes}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={t("factor.codesTitle")} description={t("factor.codesText")} closeLabel={t("common.close")} isHeld onClose={onClose}>
      <RecoveryCodes codes={codes} username={username} onKept={onClose} />
    </Dialog>
  );
}
