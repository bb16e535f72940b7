import { useState, type ReactNode } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import css from "./ConfirmDialog.module.css";

type ConfirmDialogProps = {
  title: string;
  text: string;
  confirm: string;
  cancel: string;
  closeLabel: string;
  /** Red for what cannot be taken back. */
  look?: "primary" | "danger";
  /** The window stays, and the button turns, until this is done. */
  onConfirm: () => void | Promise<void>;
  onClose: () => void;
  children?: ReactNode;
};

/** Asks before something that others feel. The focus starts at the way back. */
export function ConfirmDialog({ title, text, confirm, cancel, closeLabel, look = "danger", onConfirm, onClose, children }: ConfirmDialogProps) {
  const [isBusy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    await onConfirm();
    setBusy(false);
  };
  return (
    <Dialog onClose={onClose} title={title} description={text} closeLabel={closeLabel}>
      {children}
      <div className={css.actions}>
        <Button onClick={onClose}>{cancel}</Button>
        <Button look={look} busy={isBusy} onClick={() => void act()} data-testid="confirm-button">
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
