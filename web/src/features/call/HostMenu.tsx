import { Ban, LockKeyhole, LockKeyholeOpen, Mic, MicOff, PhoneOff, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hosting } from "../../state/hosting";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Menu, MenuItem, MenuSeparator } from "../../ui/Menu";

/** What a moderator may do about everybody at once. */
export function HostMenu({ hosting }: { hosting: Hosting }) {
  const { t } = useTranslation();
  const [isEnding, setEnding] = useState(false);
  const { actions, isHost, isLocked } = hosting;
  return (
    <>
      <Menu
        trigger={
          <Button wide icon={<Users aria-hidden="true" />} data-testid="host-menu">
            {t("host.forAll")}
          </Button>
        }
      >
        <MenuItem icon={<MicOff aria-hidden="true" />} onSelect={() => actions.muteAll(false)}>
          {t("host.muteAll")}
        </MenuItem>
        <MenuItem icon={<Ban aria-hidden="true" />} onSelect={() => actions.muteAll(true)}>
          {t("host.muteAllHold")}
        </MenuItem>
        <MenuItem icon={<Mic aria-hidden="true" />} onSelect={actions.releaseAll}>
          {t("host.releaseAll")}
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          icon={isLocked ? <LockKeyholeOpen aria-hidden="true" /> : <LockKeyhole aria-hidden="true" />}
          onSelect={() => actions.setLocked(!isLocked)}
        >
          {t(isLocked ? "host.unlock" : "host.lock")}
        </MenuItem>
        {isHost && (
          <>
            <MenuSeparator />
            <MenuItem icon={<PhoneOff aria-hidden="true" />} onSelect={() => setEnding(true)}>
              {t("host.end")}
            </MenuItem>
          </>
        )}
      </Menu>
      {isEnding && (
        <ConfirmDialog
          title={t("host.endTitle")}
          text={t("host.endText")}
          confirm={t("host.endConfirm")}
          cancel={t("host.cancel")}
          closeLabel={t("common.close")}
          onClose={() => setEnding(false)}
          onConfirm={() => {
            actions.end();
            setEnding(false);
          }}
        />
      )}
    </>
  );
}
