import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Playback } from "../../state/playback";
import type { Source } from "../../state/player";
import { isWithin, type Lane, type TimelinePicture, type TrackView } from "../../state/timeline";
import { useReadable } from "../../state/useReadable";
import { Avatar } from "../../ui/Avatar";
import { Spinner } from "../../ui/Spinner";
import css from "./Player.module.css";

type PlayerStageProps = { source: Source; timeline: TimelinePicture; playback: Playback };

/** The picture: the film, or a tile for each person who is there now. */
export function PlayerStage({ source, timeline, playback }: PlayerStageProps) {
  const { t } = useTranslation();
  const { isWaiting } = useReadable(playback.state);
  return (
    <div className={css.stage} onClick={() => playback.toggle()}>
      {source.kind === "film" && <Media url={source.url} media="video" start_s={0} end_s={timeline.duration_s} hasSound playback={playback} />}
      {source.kind === "tracks" && <Tiles lanes={timeline.lanes} playback={playback} />}
      {isWaiting && (
        <span className={css.waiting} role="status" aria-label={t("player.waiting")}>
          <Spinner />
        </span>
      )}
    </div>
  );
}

function Tiles({ lanes, playback }: { lanes: readonly Lane[]; playback: Playback }) {
  const at_s = useReadable(playback.position);
  const here = lanes.filter(({ present }) => isWithin(present, at_s)).length;
  const columns = Math.max(1, Math.ceil(Math.sqrt(here)));
  return (
    <div className={css.tiles} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {lanes.map((lane) => (
        <Tile key={lane.streams.join()} lane={lane} at_s={at_s} playback={playback} />
      ))}
    </div>
  );
}

/** Stays in the page while its person is away: its tracks keep what they have loaded. */
function Tile({ lane, at_s, playback }: { lane: Lane; at_s: number; playback: Playback }) {
  const { t } = useTranslation();
  const { name, tracks, present, speech } = lane;
  const shownName = name === "" ? t("player.someone") : name;
  const isShown = ({ start_s, end_s }: TrackView) => start_s <= at_s && at_s < end_s;
  const hasPicture = tracks.some((track) => track.media === "video" && isShown(track));
  return (
    <figure className={css.tile} hidden={!isWithin(present, at_s)} data-speaking={isWithin(speech, at_s)} data-testid="player-tile">
      {!hasPicture && <Avatar name={shownName} picture={null} size="large" />}
      {tracks.map((track) => (
        <Media key={track.track} {...track} isHidden={!isShown(track)} hasSound={track.media === "audio"} playback={playback} />
      ))}
      <figcaption className={css.caption}>{shownName}</figcaption>
    </figure>
  );
}

type MediaProps = {
  url: string;
  media: "audio" | "video";
  start_s: number;
  end_s: number;
  hasSound: boolean;
  isHidden?: boolean;
  playback: Playback;
};

function Media({ url, media, start_s, end_s, hasSound, isHidden = false, playback }: MediaProps) {
  const element = useRef<HTMLVideoElement & HTMLAudioElement>(null);
  useEffect(() => {
    const { current } = element;
    return current === null ? undefined : playback.attach(current, { start_s, end_s, isSilent: !hasSound });
  }, [playback, url, start_s, end_s, hasSound]);
  if (media === "audio") return <audio ref={element} src={url} preload="auto" />;
  return <video ref={element} src={url} preload="auto" playsInline className={css.video} hidden={isHidden} muted={!hasSound} />;
}
