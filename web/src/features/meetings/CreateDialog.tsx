import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MeetingCard, Meetings } from "../../state/meetings";
import { Dialog } from "../../ui/Dialog";
import { CreateForm } from "./CreateForm";
import { ReadyToShare } from "./ReadyToShare";

type CreateDialogProps = {
  onClose: () => void;
  create: Meetings["create"];
  onEnter: (meetingId: number) => void;
};

/** Makes a meeting, then gives the link to send. */
export function CreateDialog({ onClose, create, onEnter }: CreateDialogProps) {
  const { t } = useTranslation();
  const [created, setCreated] = useState<MeetingCard | null>(null);
  return (
    <Dialog
      onClose={onClose}
      title={t(created === null ? "create.title" : "create.readyTitle")}
      closeLabel={t("common.close")}
      {...(created !== null && { description: t("create.readyText") })}
    >
      {created === null ? (
        <CreateForm create={create} onCreated={setCreated} />
      ) : (
        <ReadyToShare link={created.link} onEnter={() => onEnter(created.id)} />
      )}
    </Dialog>
  );
}
