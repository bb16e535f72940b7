import { Download as DownloadIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Download } from "../../state/player";
import { Button } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import { sizeText } from "./amounts";

/** Fetches what is ready of a recording. */
export function DownloadMenu({ downloads }: { downloads: readonly Download[] }) {
  const { t, i18n } = useTranslation();
  if (downloads.length === 0) return null;
  return (
    <Menu
      trigger={
        <Button icon={<DownloadIcon aria-hidden="true" />} data-testid="download-menu">
          {t("player.download")}
        </Button>
      }
    >
      {downloads.map(({ kind, url, bytes }) => (
        <MenuItem key={kind} onSelect={() => location.assign(url)}>
          {t(`player.${kind}`)}
          {bytes > 0 && ` · ${sizeText(bytes, i18n.language)}`}
        </MenuItem>
      ))}
    </Menu>
  );
}
