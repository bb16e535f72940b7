import { Languages } from "lucide-react";
import { useTranslation } from "react-i18next";
import { switchLanguage } from "../../i18n";
import { chooseLanguage, LANGUAGES } from "../../i18n/language";
import { IconButton } from "../../ui/IconButton";
import { Menu, MenuChoice } from "../../ui/Menu";

/** Switches the language of the whole client, at once and for the next visit. */
export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <Menu trigger={<IconButton label={t("language.change")} icon={<Languages />} tooltipSide="bottom" />}>
      <MenuChoice
        value={i18n.language}
        options={LANGUAGES}
        onChange={(language) => void switchLanguage(i18n, chooseLanguage(language, []))}
      />
    </Menu>
  );
}
