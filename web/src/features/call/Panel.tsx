import { X } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/IconButton";
import css from "./Panel.module.css";

type PanelProps = { id: string; title: string; detail?: string; onClose: () => void; children: ReactNode };

/** A column beside the stage; on a phone a sheet over it. Takes the focus, gives it back, closes with Esc. */
export function Panel({ id, title, detail, onClose, children }: PanelProps) {
  const { t } = useTranslation();
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const panel = ref.current;
    // A phone would answer a focused field with its keyboard, over the very messages to be read.
    const field = matchMedia("(pointer: fine)").matches ? panel?.querySelector<HTMLElement>("[data-autofocus]") : null;
    (field ?? panel)?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);
  return (
    <aside
      ref={ref}
      id={id}
      className={css.panel}
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <header className={css.header}>
        <h2 className={css.title}>
          {title}
          {detail !== undefined && <span className={css.detail}>{detail}</span>}
        </h2>
        <IconButton label={t("common.close")} icon={<X />} size="small" tooltipSide="bottom" onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}
