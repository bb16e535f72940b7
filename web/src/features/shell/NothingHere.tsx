import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { Button } from "../../ui/Button";
import { Page } from "../../ui/Page";
import { MessageScreen } from "./MessageScreen";
import { useTitle } from "./useTitle";

/** An address that means nothing. */
export function NothingHere() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  useTitle(t("problem.pageTitle"));
  return (
    <Page name={t("app.name")}>
      <MessageScreen icon={<Compass />} title={t("problem.pageTitle")} text={t("problem.page")}>
        <Button look="primary" onClick={() => go("/")}>
          {t("problem.back")}
        </Button>
      </MessageScreen>
    </Page>
  );
}
