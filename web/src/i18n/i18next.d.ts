import "i18next";
import type { en } from "./en";
import type { enAdmin } from "./en.admin";
import type { enRecording } from "./en.recording";
import type { enTranscript } from "./en.transcript";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en & typeof enAdmin & typeof enRecording & typeof enTranscript };
  }
}
