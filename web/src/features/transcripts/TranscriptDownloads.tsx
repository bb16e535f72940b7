import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FORMATS, type Transcript } from "../../state/transcript";
import { Button } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";

/** Fetches a transcript as a file. */
export function TranscriptDownloads({ transcript, size = "normal" }: { transcript: Transcript; size?: "normal" | "small" }) {
  const { t } = useTranslation();
  return (
    <Menu
      trigger={
        <Button size={size} icon={<Download aria-hidden="true" />} data-testid="transcript-download">
          {t("transcript.download")}
        </Button>
      }
    >
      {FORMATS.map((format) => (
        <MenuItem
          key={format}
          testId={`download-${format}`}
          onSelect={() => {
            const url = transcript.fileUrl(format);
            if (url !== null) location.assign(url);
          }}
        >
          {t(`transcript.${format}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
