import { Link2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { OwnAccount, ProfileView } from "../../state/profile";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Notice } from "../../ui/Notice";
import { useToast } from "../../ui/toastStore";
import { problemText } from "../shell/problemText";
import { Card } from "./Card";
import { useAction } from "./useAction";
import css from "./Profile.module.css";

type IdentityCardProps = { own: OwnAccount; identity: NonNullable<ProfileView["identity"]> };

/** The identity at a provider that opens this account too. */
export function IdentityCard({ own, identity }: IdentityCardProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const { isBusy, problem, run } = useAction();
  const { isLinked, label, email } = identity;
  const connect = () => void run(() => own.connect(), (url) => location.assign(url));
  const disconnect = () => void run(() => own.disconnect(), () => toast(t("profile.disconnected"), "ok"));
  const linked = email === "" ? t("profile.identityLinkedBare") : t("profile.identityLinked", { email });
  return (
    <Card
      title={t("profile.identity", { label })}
      text={isLinked ? linked : t("profile.identityText")}
      testId="identity-card"
      mark={
        isLinked && (
          <span className={classes(css.mark, css.on)}>
            <Link2 aria-hidden="true" />
            {t("profile.connected")}
          </span>
        )
      }
    >
      {problem !== null && <Notice tone="error">{problemText(t, problem)}</Notice>}
      <div className={css.buttons}>
        <Button busy={isBusy} onClick={isLinked ? disconnect : connect} data-testid={isLinked ? "disconnect" : "connect"}>
          {t(isLinked ? "profile.disconnect" : "profile.connect")}
        </Button>
      </div>
    </Card>
  );
}
