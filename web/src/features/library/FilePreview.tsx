import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FileView } from "../../state/library";
import { ButtonLink } from "../../ui/ButtonLink";
import { Dialog } from "../../ui/Dialog";
import css from "./Library.module.css";

/** A file in a window: seen, heard, or at least fetched. */
export function FilePreview({ file, url, onClose }: { file: FileView; url: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { kind, name } = file;
  return (
    <Dialog title={name} closeLabel={t("common.close")} onClose={onClose}>
      {kind === "image" && <img className={css.preview} src={url} alt={name} />}
      {kind === "video" && <video className={css.preview} src={url} controls />}
      {kind === "audio" && <audio className={css.preview} src={url} controls />}
      {(kind === "document" || kind === "other") && <p className={css.lead}>{t("library.noPreview")}</p>}
      <ButtonLink href={url} download icon={<Download aria-hidden="true" />}>
        {t("library.download")}
      </ButtonLink>
    </Dialog>
  );
}
