import { Check, Copy, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import css from "./Profile.module.css";

const ICONS = { idle: Copy, copied: Check, failed: X } as const;

/** Puts a text on the clipboard and says so itself: inside a dialog a message above the page would not be seen. */
export function CopyButton({ text, label, size = "normal" }: { text: string; label: string; size?: "normal" | "small" }) {
  const { t } = useTranslation();
  const [state, setState] = useState<keyof typeof ICONS>("idle");
  const Icon = ICONS[state];
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      // No clipboard without https, or the person said no: the text stays selectable.
      setState("failed");
    }
  };
  return (
    <>
      <Button size={size} icon={<Icon aria-hidden="true" />} onClick={() => void copy()}>
        {state === "copied" ? t("factor.copied") : label}
      </Button>
      {state === "failed" && (
        <span className={css.hint} role="status">
          {t("factor.copyFailed")}
        </span>
      )}
    </>
  );
}
