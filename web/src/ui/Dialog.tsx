import { X } from "lucide-react";
import { useId, useLayoutEffect, useState, type ReactNode } from "react";
import { classes } from "./classes";
import { IconButton } from "./IconButton";
import { LayerContext } from "./layer";
import css from "./Dialog.module.css";

type DialogProps = {
  onClose: () => void;
  title: string;
  closeLabel: string;
  description?: string;
  /** A sheet stands at the side with all of the height: for something to read beside the page. */
  shape?: "window" | "sheet";
  /** Esc and a press beside it do nothing: what it shows is not shown again. */
  isHeld?: boolean;
  children: ReactNode;
};

/**
 * A window above the page, open for as long as it is drawn. It holds the focus and gives it back, closes with Esc or a
 * press beside it, and on a phone rises from the lower edge.
 *
 * The browser's own element: libraries lock the page's scrolling with inline styles, which the content policy forbids.
 */
export function Dialog({ onClose, title, closeLabel, description, shape = "window", isHeld = false, children }: DialogProps) {
  const id = useId();
  const [element, setElement] = useState<HTMLDialogElement | null>(null);
  useLayoutEffect(() => {
    element?.showModal();
    return () => element?.close();
  }, [element]);
  return (
    <dialog
      ref={setElement}
      className={classes(css.dialog, shape === "sheet" && css.sheet)}
      aria-labelledby={`${id}-title`}
      aria-describedby={description === undefined ? undefined : `${id}-text`}
      onCancel={(event) => {
        event.preventDefault();
        if (!isHeld) onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget && !isHeld) onClose();
      }}
    >
      <LayerContext value={element}>
        <div className={css.content}>
          <h2 id={`${id}-title`} className={css.title}>
            {title}
          </h2>
          {description !== undefined && (
            <p id={`${id}-text`} className={css.description}>
              {description}
            </p>
          )}
          {children}
          {/* Last, so that the focus starts at the first field; seen in the corner. */}
          <IconButton className={css.close} label={closeLabel} icon={<X />} size="small" onClick={onClose} />
        </div>
      </LayerContext>
    </dialog>
  );
}
