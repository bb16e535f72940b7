import type { TFunction } from "i18next";
import type { Problem } from "../../state/problem";
import { problemText } from "../shell/problemText";

/** As elsewhere, but what is forbidden or gone here is no meeting. */
export function adminProblem(t: TFunction, problem: Problem): string {
  if (problem.kind === "forbidden") return t("admin.refused", { detail: problem.detail });
  return problem.kind === "notFound" ? t("admin.gone") : problemText(t, problem);
}
