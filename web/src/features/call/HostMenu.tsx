import { Ban, Circle, LockKeyhole, LockKeyholeOpen, Mic, MicOff, PhoneOff, Square, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hosting } from "../../state/hosting";
import type { Readable } from "../../state/readable";
import type { RecordingNow } from "../../state/recordingNow";
import { useReadable } from "../../state/useReadable";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Menu, MenuItem, MenuSeparator } from "../../ui/Menu";

/** What a moderator may do about everybody at once. */
export function HostMenu({ hosting, recording }: { hosting: Hosting; recording: Readable<RecordingNow> }) {
  const { t } = useTranslation();
  const [isEnding, setEnding] = useState(false);
  const [isAsking, setAsking] = useState<"start" | "stop" | null>(null);
  const { actions, isHost, isLocked } = hosting;
  const { running, start, stop } = useReadable(recording);
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
        <MenuSeparator />
        {running === null ? (
          <MenuItem icon={<Circle aria-hidden="true" />} onSelect={() => setAsking("start")}>
            {t("recording.start")}
          </MenuItem>
        ) : (
          <MenuItem icon={<Square aria-hidden="true" />} onSelect={() => setAsking("stop")}>
            {t("recording.stop")}
          </MenuItem>
        )}
        {isHost && (
          <>
            <MenuSeparator />
            <MenuItem icon={<PhoneOff aria-hidden="true" />} onSelect={() => setEnding(true)}>
              {t("host.end")}
            </MenuItem>
          </>
        )}
      </Menu>
      {isAsking !== null && (
        <ConfirmDialog
          title={t(`recording.${isAsking}Title`)}
          text={t(`recording.${isAsking}Text`)}
          confirm={t(`recording.${isAsking}`)}
          cancel={t("host.cancel")}
          closeLabel={t("common.close")}
          onClose={() => setAsking(null)}
          onConfirm={async () => {
            await (isAsking === "start" ? start() : stop());
            setAsking(null);
          }}
        />
      )}
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
