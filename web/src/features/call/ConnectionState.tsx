import { useTranslation } from "react-i18next";
import type { Connection } from "../../state/call";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import css from "./CallHeader.module.css";

const WORDS = {
  connecting: "connection.connecting",
  connected: "connection.connected",
  reconnecting: "connection.reconnecting",
  offline: "connection.failed",
  failed: "connection.failed",
} as const;

/** Whether the line holds, always in sight and read out when it changes. */
export function ConnectionState({ model }: { model: Readable<Connection> }) {
  const { t } = useTranslation();
  const { state } = useReadable(model);
  return (
    <span className={css.state} role="status" data-testid="connection-state" data-state={state}>
      <span className={css.dot} />
      <span className={css.word}>{t(WORDS[state])}</span>
    </span>
  );
}
