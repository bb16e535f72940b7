import { LogOut } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Person } from "../../state/account";
import { Avatar } from "../../ui/Avatar";
import { Menu, MenuItem, MenuLabel } from "../../ui/Menu";
import css from "./AccountMenu.module.css";

/** Who is signed in, and the way out. */
export function AccountMenu({ person, onSignOut }: { person: Person; onSignOut: () => void }) {
  const { t } = useTranslation();
  return (
    <Menu
      trigger={
        <button type="button" className={css.trigger} aria-label={t("account.menu")} data-testid="account-menu">
          <Avatar name={person.name} />
        </button>
      }
    >
      <MenuLabel>
        <strong className={css.name}>{person.name}</strong>
        {person.email}
      </MenuLabel>
      <MenuItem icon={<LogOut aria-hidden="true" />} onSelect={onSignOut}>
        {t("account.signOut")}
      </MenuItem>
    </Menu>
  );
}
