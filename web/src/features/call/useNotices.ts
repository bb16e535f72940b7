import type { TFunction } from "i18next";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Call, Notice } from "../../state/call";
import { problemText } from "../shell/problemText";
import { useToast } from "../../ui/toastStore";

const LONGEST_QUOTE = 120; // A toast is a glance; the whole message waits in the panel.

const ROLE_TEXTS = {
  participant: "host.nowParticipant",
  presenter: "host.nowPresenter",
  moderator: "host.nowModerator",
  host: "host.nowHost",
} as const;

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
        case "silenced":
          toast(silencedText(t, notice));
          break;
        case "released":
          toast(t(notice.device === "microphone" ? "host.releasedMicrophone" : "host.releasedCamera"), "ok");
          break;
        case "roleChanged":
          toast(t(ROLE_TEXTS[notice.role]));
          break;
        case "recordingStarted":
          toast(t("recording.started"), "ok");
          break;
        case "recordingStopped":
          toast(t("recording.stopped"));
          break;
        case "captionsOn":
          toast(t("captions.switchedOn"), "ok");
          break;
        case "captionsOff":
          toast(t("captions.switchedOff"));
          break;
        case "voiceSuspicious":
          toast(t("voices.notice", { name: notice.name === "" ? t("captions.someone") : notice.name }), "warn");
          break;
        case "actionFailed":
          toast(t("host.failed", { reason: problemText(t, notice.problem) }), "error");
          break;
      }
    };
    return call.notices.subscribe(show);
  }, [call, t, toast]);
}

function silencedText(t: TFunction, { device, by, isHeld }: Extract<Notice, { kind: "silenced" }>): string {
  const isByRule = by === "";
  if (device === "camera") return isByRule ? t("host.videoStoppedByRule") : t("host.videoStoppedBy", { name: by });
  if (isByRule) return t(isHeld ? "host.heldByRule" : "host.mutedByRule");
  return t(isHeld ? "host.heldBy" : "host.mutedBy", { name: by });
}

function shorten(text: string): string {
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}
