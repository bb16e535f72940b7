import { UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Page } from "../../ui/Page";
import { LanguageMenu } from "../shell/LanguageMenu";
import { MessageScreen } from "../shell/MessageScreen";
import { useTitle } from "../shell/useTitle";

/** The front page of somebody without an account: a guest has one meeting and no list. */
export function GuestHome({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  useTitle(t("invite.guestHomeTitle"));
  return (
    <Page name={t("app.name")} actions={<LanguageMenu />}>
      <MessageScreen icon={<UserRound />} title={t("invite.guestHomeTitle")} text={t("invite.guestHomeText")}>
        <Button onClick={onLeave}>{t("invite.guestLeave")}</Button>
      </MessageScreen>
    </Page>
  );
}
