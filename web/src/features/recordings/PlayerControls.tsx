import { Maximize, Pause, Play, RotateCcw, RotateCw, Volume2, VolumeX } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { RATES, type Playback } from "../../state/playback";
import { useReadable } from "../../state/useReadable";
import { IconButton } from "../../ui/IconButton";
import { Menu, MenuChoice } from "../../ui/Menu";
import { clockText } from "./amounts";
import { toggleFullscreen } from "./usePlayerKeys";
import css from "./Player.module.css";

type PlayerControlsProps = { playback: Playback; duration_s: number; frame: RefObject<HTMLElement | null> };

/** The bar under the picture. */
export function PlayerControls({ playback, duration_s, frame }: PlayerControlsProps) {
  const { t } = useTranslation();
  const { isPlaying, rate, volume, isMuted } = useReadable(playback.state);
  const at_s = useReadable(playback.position);
  return (
    <div className={css.controls}>
      <input
        type="range"
        className={css.seek}
        min={0}
        max={Math.max(1, duration_s)}
        step={0.1}
        value={at_s}
        aria-label={t("player.position")}
        aria-valuetext={t("player.positionText", { at: clockText(at_s), duration: clockText(duration_s) })}
        onChange={(event) => playback.seek(event.target.valueAsNumber)}
      />
      <div className={css.buttons}>
        <IconButton
          label={t(isPlaying ? "player.pause" : "player.play")}
          icon={isPlaying ? <Pause /> : <Play />}
          tone="filled"
          onClick={() => playback.toggle()}
          data-testid="play-button"
        />
        <IconButton label={t("player.back")} icon={<RotateCcw />} shortcut="J" onClick={() => playback.skip(-10)} />
        <IconButton label={t("player.forward")} icon={<RotateCw />} shortcut="L" onClick={() => playback.skip(10)} />
        <span className={css.time} data-testid="player-time">
          {clockText(at_s)} / {clockText(duration_s)}
        </span>
        <span className={css.space} />
        <IconButton label={t(isMuted ? "player.unmute" : "player.mute")} icon={isMuted ? <VolumeX /> : <Volume2 />} shortcut="M" onClick={() => playback.toggleMuted()} />
        <input
          type="range"
          className={css.volume}
          min={0}
          max={1}
          step={0.05}
          value={isMuted ? 0 : volume}
          aria-label={t("player.volume")}
          onChange={(event) => playback.setVolume(event.target.valueAsNumber)}
        />
        <Menu
          trigger={
            <button type="button" className={css.rate} aria-label={t("player.speed")} data-testid="speed-button">
              {t("player.speedOf", { rate })}
            </button>
          }
        >
          <MenuChoice
            value={String(rate)}
            options={RATES.map((each) => ({ value: String(each), text: t("player.speedOf", { rate: each }) }))}
            onChange={(value) => playback.setRate(Number(value))}
          />
        </Menu>
        <IconButton label={t("player.fullscreen")} icon={<Maximize />} shortcut="F" onClick={() => toggleFullscreen(frame.current)} />
      </div>
    </div>
  );
}
