import { Ban, Mic, MicOff, MoreVertical, UserX, VideoOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hosting } from "../../state/hosting";
import type { PersonHere, Role } from "../../state/people";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { IconButton } from "../../ui/IconButton";
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from "../../ui/Menu";

const ROLES: readonly Role[] = ["participant", "presenter", "moderator", "host"];
const ROLE_TEXTS = {
  participant: "host.participant",
  presenter: "people.presenter",
  moderator: "people.moderator",
  host: "people.host",
} as const;

/** What a moderator may do about one person. Nothing about oneself, and a moderator nothing about a host. */
export function PersonMenu({ person, hosting }: { person: PersonHere; hosting: Hosting }) {
  const { t } = useTranslation();
  const [asks, setAsks] = useState<"remove" | "makeHost" | null>(null);
  const { actions, isHost } = hosting;
  const { name, userId } = person;
  const close = () => setAsks(null);
  const give = (role: Role) => {
    if (role === "host") setAsks("makeHost");
    else actions.setRole(userId, role);
  };
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t("host.actions", { name })} icon={<MoreVertical />} size="small" data-testid="person-menu" />
        }
      >
        {!person.isMuted && (
          <MenuItem icon={<MicOff aria-hidden="true" />} onSelect={() => actions.mute(userId, false)}>
            {t("host.mute")}
          </MenuItem>
        )}
        <MenuItem icon={<Ban aria-hidden="true" />} onSelect={() => actions.mute(userId, true)}>
          {t("host.hold")}
        </MenuItem>
        {(person.isCameraOn || person.isSharing) && (
          <MenuItem icon={<VideoOff aria-hidden="true" />} onSelect={() => actions.stopVideo(userId, false)}>
            {t("host.stopVideo")}
          </MenuItem>
        )}
        <MenuItem icon={<VideoOff aria-hidden="true" />} onSelect={() => actions.stopVideo(userId, true)}>
          {t("host.holdVideo")}
        </MenuItem>
        <MenuItem icon={<Mic aria-hidden="true" />} onSelect={() => actions.release(userId)}>
          {t("host.release")}
        </MenuItem>
        {isHost && (
          <>
            <MenuSeparator />
            <MenuLabel>{t("host.role")}</MenuLabel>
            <MenuChoice
              value={person.role}
              options={ROLES.map((role) => ({ value: role, text: t(ROLE_TEXTS[role]) }))}
              onChange={(value) => {
                const role = ROLES.find((each) => each === value);
                if (role !== undefined) give(role);
              }}
            />
          </>
        )}
        <MenuSeparator />
        <MenuItem icon={<UserX aria-hidden="true" />} onSelect={() => setAsks("remove")}>
          {t("host.remove")}
        </MenuItem>
      </Menu>
      {asks === "remove" && (
        <ConfirmDialog
          title={t("host.removeTitle", { name })}
          text={t("host.removeText")}
          confirm={t("host.removeConfirm")}
          cancel={t("host.cancel")}
          closeLabel={t("common.close")}
          onClose={close}
          onConfirm={() => {
            actions.remove(userId);
            close();
          }}
        />
      )}
      {asks === "makeHost" && (
        <ConfirmDialog
          title={t("host.makeHostTitle", { name })}
          text={t("host.makeHostText")}
          confirm={t("host.makeHostConfirm")}
          cancel={t("host.cancel")}
          closeLabel={t("common.close")}
          look="primary"
          onClose={close}
          onConfirm={() => {
            actions.setRole(userId, "host");
            close();
          }}
        />
      )}
    </>
  );
}
