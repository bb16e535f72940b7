import { WifiOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Connection } from "../../state/call";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { Spinner } from "../../ui/Spinner";
import css from "./Banner.module.css";

const TITLES = {
  reconnecting: "connection.reconnecting",
  offline: "connection.failed",
  failed: "connection.failed",
} as const;
const TEXTS = {
  reconnecting: "connection.reconnectingText",
  offline: "connection.offline",
  failed: "connection.failedText",
} as const;

/** Says that the line broke and that it mends itself; nothing while it holds. */
export function ConnectionBanner({ model }: { model: Readable<Connection> }) {
  const { t } = useTranslation();
  const { state, retryNow } = useReadable(model);
  if (state === "connected" || state === "connecting") {
    return null;
  }
  return (
    <div className={css.banner} role="status" data-testid="connection-banner">
      {state === "reconnecting" ? <Spinner /> : <WifiOff aria-hidden="true" />}
      <p className={css.text}>
        <strong>{t(TITLES[state])}</strong>
        <span>{t(TEXTS[state])}</span>
      </p>
      {retryNow !== undefined && (
        <Button size="small" onClick={retryNow}>
          {t("connection.retryNow")}
        </Button>
      )}
    </div>
  );
}
