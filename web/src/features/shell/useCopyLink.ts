import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "../../ui/toastStore";

/** Puts a link on the clipboard and says so. True if it is there; never rejects. */
export function useCopyLink(): (link: string) => Promise<boolean> {
  const { t } = useTranslation();
  const toast = useToast();
  return useCallback(
    async (link: string) => {
      try {
        await navigator.clipboard.writeText(link);
        toast(t("toast.linkCopied"), "ok");
        return true;
      } catch {
        // No clipboard without https, or the person said no: the link stays selectable.
        toast(t("toast.copyFailed"), "error");
        return false;
      }
    },
    [t, toast],
  );
}
