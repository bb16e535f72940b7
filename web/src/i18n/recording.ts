import type { i18n } from "i18next";
import { enRecording } from "./en.recording";
import { zhCNRecording } from "./zh-CN.recording";

/** Teaches the texts of recordings and the media library. Twice is as good as once. */
export function addRecordingTexts(instance: i18n): void {
  instance.addResourceBundle("en", "translation", enRecording, true);
  instance.addResourceBundle("zh-CN", "translation", zhCNRecording, true);
}
