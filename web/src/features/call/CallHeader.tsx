import { useTranslation } from "react-i18next";
import type { Call } from "../../state/call";
import { CaptionsBadge } from "../captions/CaptionsBadge";
import { ConnectionState } from "./ConnectionState";
import { Elapsed } from "./Elapsed";
import { RecordingBadge } from "./RecordingBadge";
import css from "./CallHeader.module.css";

/** What this call is, how long it lasts, and whether the line holds. */
export function CallHeader({ call, title }: { call: Call; title: string }) {
  const { t } = useTranslation();
  return (
    <header className={css.header}>
      <h1 className={css.title}>{title}</h1>
      <span className={css.time} title={t("call.elapsed")}>
        <Elapsed since={call.startedAt} />
      </span>
      <CaptionsBadge model={call.captions} />
      <RecordingBadge model={call.recording} />
      <ConnectionState model={call.connection} />
    </header>
  );
}
