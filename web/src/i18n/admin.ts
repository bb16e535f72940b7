import type { i18n } from "i18next";
import { enAdmin } from "./en.admin";
import { zhCNAdmin } from "./zh-CN.admin";

/** Teaches the texts of the administrators' pages, which few people ever load. Twice is as good as once. */
export function addAdminTexts(instance: i18n): void {
  instance.addResourceBundle("en", "translation", enAdmin, true);
  instance.addResourceBundle("zh-CN", "translation", zhCNAdmin, true);
}
