import { use } from "react";
import { useTranslation } from "react-i18next";
import { addRecordingTexts } from "../../i18n/recording";
import type { Archive } from "../../state/archive";
import type { Salon } from "../../state/salon";

/** The models of what is kept, with their texts; draws the fallback of the nearest Suspense until they are here. */
export function useArchive(salon: Pick<Salon, "archive">): Archive {
  const { i18n } = useTranslation();
  const archive = use(salon.archive());
  addRecordingTexts(i18n);
  return archive;
}
