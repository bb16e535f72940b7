import { Clapperboard, FolderOpen, LogOut, ScrollText, ShieldCheck, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Person } from "../../state/account";
import { isAdministrator } from "../../state/ranks";
import { Avatar } from "../../ui/Avatar";
import { Menu, MenuItem, MenuLabel } from "../../ui/Menu";
import css from "./AccountMenu.module.css";

/** Who is signed in, and the way out. */
export function AccountMenu({ person, onSignOut }: { person: Person; onSignOut: () => void }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  return (
    <Menu
      trigger={
        <button type="button" className={css.trigger} aria-label={t("account.menu")} data-testid="account-menu">
          <Avatar name={person.name} picture={person.avatarUrl} />
        </button>
      }
    >
      <MenuLabel>
        <strong className={css.name}>{person.name}</strong>
        {person.email}
      </MenuLabel>
      <MenuItem icon={<UserRound aria-hidden="true" />} onSelect={() => go("/account")}>
        {t("profile.open")}
      </MenuItem>
      <MenuItem icon={<Clapperboard aria-hidden="true" />} onSelect={() => go("/recordings")}>
        {t("account.recordings")}
      </MenuItem>
      <MenuItem icon={<ScrollText aria-hidden="true" />} onSelect={() => go("/transcripts")}>
        {t("account.transcripts")}
      </MenuItem>
      <MenuItem icon={<FolderOpen aria-hidden="true" />} onSelect={() => go("/library")}>
        {t("account.library")}
      </MenuItem>
      {isAdministrator(person) && (
        <MenuItem icon={<ShieldCheck aria-hidden="true" />} onSelect={() => go("/administration")}>
          {t("account.administration")}
        </MenuItem>
      )}
      <MenuItem icon={<LogOut aria-hidden="true" />} onSelect={onSignOut}>
        {t("account.signOut")}
      </MenuItem>
    </Menu>
  );
}
