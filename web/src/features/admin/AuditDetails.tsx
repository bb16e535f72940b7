import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEntry } from "../../state/administration";
import { Dialog } from "../../ui/Dialog";
import { IconButton } from "../../ui/IconButton";
import { auditSentence } from "./auditSentence";
import css from "./UserSheet.module.css";

/** Everything an entry holds, as the server wrote it down. */
export function AuditDetails({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const facts = [
    [t("admin.log.entry"), String(entry.id)],
    [t("admin.log.when"), entry.at.toISOString()],
    [t("admin.log.action"), entry.action],
    [t("admin.user"), entry.actorId === null ? entry.actorName : `${entry.actorName} (${entry.actorId})`],
    [t("admin.log.target"), entry.target],
    [t("admin.log.from"), entry.address],
    [t("admin.log.hash"), entry.hash],
  ] as const;
  return (
    <>
      <IconButton
        label={t("admin.log.detailsOf", { id: entry.id })}
        icon={<Ellipsis />}
        size="small"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      />
      {isOpen && (
        <Dialog title={auditSentence(t, entry) ?? entry.action} closeLabel={t("common.close")} onClose={() => setOpen(false)}>
          <dl className={css.facts}>
            {facts
              .filter(([, text]) => text !== "")
              .map(([head, text]) => (
                <div key={head}>
                  <dt>{head}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
          </dl>
          {entry.details !== "" && <pre className={css.json}>{entry.details}</pre>}
        </Dialog>
      )}
    </>
  );
}
