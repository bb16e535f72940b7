import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Call, Notice } from "../../state/call";
import { useToast } from "../../ui/toastStore";

const LONGEST_QUOTE = 120; // A toast is a glance; the whole message waits in the panel.

/** Turns what happens in the call into toasts. */
export function useNotices(call: Call): void {
  const { t } = useTranslation();
  const toast = useToast();
  useEffect(() => {
    const show = (notice: Notice) => {
      switch (notice.kind) {
        case "joined":
        case "left":
          toast(t(`toast.${notice.kind}`, { name: notice.name }));
          break;
        case "shareFailed":
          toast(t("toast.shareFailed"), "error");
          break;
        case "deviceTrouble":
          toast(t(`toast.deviceTrouble.${notice.trouble}`), "error");
          break;
        case "microphoneLost":
          toast(t("toast.micLost"), "error");
          break;
        case "cameraLost":
          toast(t("toast.cameraLost"), "error");
          break;
        case "chatFrom":
          toast(t("toast.chatFrom", { name: notice.name, text: shorten(notice.text) }));
          break;
        case "chatRefused":
          toast(t("toast.chatRefused", { reason: notice.reason }), "error");
          break;
      }
    };
    return call.notices.subscribe(show);
  }, [call, t, toast]);
}

function shorten(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}
