import type { i18n } from "i18next";
import { enRecording } from "./en.recording";
import { enTranscript } from "./en.transcript";
import { zhCNRecording } from "./zh-CN.recording";
import { zhCNTranscript } from "./zh-CN.transcript";

/** Teaches the texts of what is kept: recordings, the media library, transcripts. Twice is as good as once. */
export function addRecordingTexts(instance: i18n): void {
  instance.addResourceBundle("en", "translation", { ...enRecording, ...enTranscript }, true);
  instance.addResourceBundle("zh-CN", "translation", { ...zhCNRecording, ...zhCNTranscript }, true);
}
