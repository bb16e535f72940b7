import { ClosedCaption, Eye, EyeOff, Power, ScrollText } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Captions } from "../../state/captions";
import type { Hosting } from "../../state/hosting";
import type { Readable } from "../../state/readable";
import { useReadable } from "../../state/useReadable";
import { IconButton } from "../../ui/IconButton";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "../../ui/Menu";

type CaptionsButtonProps = {
  model: Readable<Captions>;
  hosting: Readable<Hosting>;
  isPanelOpen: boolean;
  onPanel: () => void;
  /** Asks before everybody is written down. */
  onSwitchOn: () => void;
};

const SIZES = ["small", "medium", "large"] as const;

/** Captions: the switch for everybody, for hosts; how they are shown, for oneself. */
export function CaptionsButton({ model, hosting, isPanelOpen, onPanel, onSwitchOn }: CaptionsButtonProps) {
  const { t } = useTranslation();
  const { state, by, isShown, setShown, size, setSize, lines, prepare, switchTo } = useReadable(model);
  const { canModerate } = useReadable(hosting);
  const isOn = state === "on";
  const hasHistory = isOn || lines.length > 0;
  const standing = isOn ? (by === "" ? t("captions.on") : t("captions.onBy", { name: by })) : t(canModerate ? "captions.offHost" : "captions.offOthers");
  const askToSwitchOn = () => {
    prepare();
    onSwitchOn();
  };
  return (
    <Menu
      trigger={
        <IconButton
          label={t("captions.button")}
          icon={<ClosedCaption />}
          tone={(isOn && isShown) || isPanelOpen ? "lit" : "filled"}
          data-testid="captions-button"
          data-on={isOn}
        />
      }
    >
      <MenuLabel>{standing}</MenuLabel>
      {isOn && (
        <>
          <MenuItem icon={isShown ? <EyeOff aria-hidden="true" /> : <Eye aria-hidden="true" />} onSelect={() => setShown(!isShown)} testId="captions-show">
            {t(isShown ? "captions.hide" : "captions.show")}
          </MenuItem>
          <MenuSeparator />
          <MenuLabel>{t("captions.size")}</MenuLabel>
          <MenuChoice
            value={size}
            options={SIZES.map((value) => ({ value, text: t(`captions.${value}`) }))}
            onChange={(value) => setSize(SIZES.find((each) => each === value) ?? "medium")}
          />
        </>
      )}
      {hasHistory && (
        <>
          <MenuSeparator />
          <MenuItem icon={<ScrollText aria-hidden="true" />} onSelect={onPanel} testId="captions-history">
            {t("captions.history")}
          </MenuItem>
        </>
      )}
      {canModerate && (
        <>
          {hasHistory && <MenuSeparator />}
          <MenuItem icon={<Power aria-hidden="true" />} onSelect={isOn ? () => void switchTo(false) : askToSwitchOn} testId="captions-switch">
            {t(isOn ? "captions.switchOff" : "captions.switchOn")}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
