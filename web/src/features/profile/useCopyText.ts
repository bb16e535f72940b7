import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "../../ui/toastStore";

/** Puts a text on the clipboard and says so; never rejects. */
export function useCopyText(): (text: string) => Promise<void> {
  const { t } = useTranslation();
  const toast = useToast();
  return useCallback(
    async (text: string) => {
      try {
        await navigator.clipboard.writeText(text);
        toast(t("factor.copied"), "ok");
      } catch {
        // No clipboard without https, or the person said no: the text stays selectable.
        toast(t("factor.copyFailed"), "error");
      }
    },
    [t, toast],
  );
}
