import type { TFunction } from "i18next";
import type { Problem } from "../../state/problem";

/** What went wrong and what to do, in the person's language. */
export function problemText(t: TFunction, { kind, detail }: Problem): string {
  switch (kind) {
    case "invalid":
      return detail === "" ? t("error.unknown") : t("error.invalid", { detail });
    case "passwordNeeded":
      return t("preJoin.passwordNeeded");
    case "passwordWrong":
      return t("preJoin.passwordWrong");
    case "locked":
      return t("door.locked");
    case "notFound":
    case "ended":
    case "full":
    case "forbidden":
    case "early":
      return t(`problem.${kind}`);
    case "badCode":
    case "wrongPassword":
    case "samePassword":
    case "resetRefused":
    case "setupRefused":
    case "tooLarge":
    case "badType":
    case "badPicture":
    case "noPassword":
    case "lastAdmin":
      return t(`fault.${kind}`);
    case "codeNeeded":
      return t("entry.factorText");
    default:
      return t(`error.${kind}`);
  }
}
