import "i18next";
import type { en } from "./en";
import type { enAdmin } from "./en.admin";
import type { enRecording } from "./en.recording";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en & typeof enAdmin & typeof enRecording };
  }
}
