import "i18next";
import type { en } from "./en";
import type { enAdmin } from "./en.admin";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en & typeof enAdmin };
  }
}
