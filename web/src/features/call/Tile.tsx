import { MicOff, MonitorUp, Pin, PinOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Tile as Model } from "../../state/call";
import type { VoiceWarning } from "../../state/voices";
import { Avatar } from "../../ui/Avatar";
import { classes } from "../../ui/classes";
import { IconButton } from "../../ui/IconButton";
import { VisuallyHidden } from "../../ui/VisuallyHidden";
import { StreamVideo } from "../devices/StreamVideo";
import { VoiceMark } from "../voices/VoiceMark";
import type { Box } from "./stageLayout";
import css from "./Tile.module.css";

type TileProps = {
  tile: Model;
  box: Box;
  isSpeaking: boolean;
  isFloating: boolean;
  isPinned: boolean;
  /** Absent: nothing is said of their voice. */
  voice?: VoiceWarning | undefined;
  /** Absent: there is nobody to be larger than. */
  onPin?: (() => void) | undefined;
};

/** One person, or their screen. It changes place and size, but is never made anew while they are here. */
export function Tile({ tile, box, isSpeaking, isFloating, isPinned, voice, onPin }: TileProps) {
  const { t } = useTranslation();
  const name = tile.isLocal ? t("common.nameYou", { name: tile.name }) : tile.name;
  const picture = classes(css.video, tile.isScreen && css.contain, tile.isLocal && !tile.isScreen && css.mirrored);
  return (
    <li
      className={classes(css.tile, isFloating && css.floating)}
      style={{ width: box.width, height: box.height, transform: `translate(${box.x}px, ${box.y}px)` }}
      data-testid={tile.isLocal ? "local-tile" : "tile"}
      data-stream-id={tile.streamId}
      data-name={tile.name}
      data-speaking={isSpeaking}
      data-screen={tile.isScreen}
    >
      {/* Below the picture, so that there is somebody to see until its first frame. */}
      <div className={css.nobody}>
        <Avatar name={tile.name} picture={tile.avatarUrl} size="fill" />
      </div>
      {tile.video !== null && <StreamVideo stream={tile.video} className={picture} />}
      <span className={css.ring} />
      <div className={css.head}>
        {tile.isConnecting && (
          <p className={css.status}>
            <span>{t("tile.connecting")}</span>
          </p>
        )}
        <VoiceMark warning={voice} name={tile.name} place="tile" />
      </div>
      <p className={css.foot}>
        <span className={css.name}>
          {tile.isMuted && <MicOff className={css.micOff} aria-hidden="true" />}
          {tile.isScreen && <MonitorUp aria-hidden="true" />}
          <span>{tile.isScreen && !tile.isLocal ? t("tile.screen", { name: tile.name }) : name}</span>
          {tile.isMuted && <VisuallyHidden>, {t("tile.micOff")}</VisuallyHidden>}
        </span>
      </p>
      {onPin !== undefined && (
        <IconButton
          className={css.pin ?? ""}
          label={t(isPinned ? "tile.unpin" : "tile.pin", { name: tile.name })}
          icon={isPinned ? <PinOff /> : <Pin />}
          size="small"
          tooltipSide="bottom"
          aria-pressed={isPinned}
          onClick={onPin}
        />
      )}
    </li>
  );
}
