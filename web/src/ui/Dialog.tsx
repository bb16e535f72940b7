import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./IconButton";
import css from "./Dialog.module.css";

type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  closeLabel: string;
  description?: string;
  children: ReactNode;
};

/** A window above the page. It holds the focus, closes with Esc, and on a phone rises from the lower edge. */
export function Dialog({ open, onClose, title, closeLabel, description, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={css.scrim} />
        <Radix.Content className={css.dialog} {...(description === undefined && { "aria-describedby": undefined })}>
          <header className={css.header}>
            <Radix.Title className={css.title}>{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label={closeLabel} icon={<X />} size="small" />
            </Radix.Close>
          </header>
          {description !== undefined && <Radix.Description className={css.description}>{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
