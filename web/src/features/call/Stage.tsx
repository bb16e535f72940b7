import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Call } from "../../state/call";
import { useReadable } from "../../state/useReadable";
import { classes } from "../../ui/classes";
import { useShowsCaptions } from "../captions/useShowsCaptions";
import { Tile } from "./Tile";
import { layoutStage, type Box } from "./stageLayout";
import { useSize } from "./useSize";
import css from "./Stage.module.css";

const NARROW_PX = 640;
const NOWHERE: Box = { x: 0, y: 0, width: 0, height: 0 };

/** Everybody's picture. A shared screen is large by itself; anybody else can be made large by hand. */
export function Stage({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { tiles } = useReadable(call.grid);
  const speaking = useReadable(call.speaking);
  const voices = useReadable(call.voices);
  const hasCaptions = useShowsCaptions(call.captions);
  const [pinned, setPinned] = useState<string | null>(null);
  const { ref, size } = useSize();
  const stage = useMemo(() => {
    const pinnedTile = tiles.find((tile) => tile.id === pinned);
    const large = pinnedTile ?? tiles.find((tile) => tile.isScreen && !tile.isLocal);
    const placed = tiles.map(({ id, isLocal }) => ({ id, isLocal, isLarge: id === large?.id }));
    return layoutStage(placed, { ...size, gap: size.width < NARROW_PX ? 6 : 12, hasCaptions });
  }, [tiles, pinned, size, hasCaptions]);
  const scrolls = stage.contentHeight_px > size.height + 1;
  return (
    <div ref={ref} className={classes(css.stage, scrolls && css.scrolls)}>
      <ul className={css.tiles} aria-label={t("call.stage")} style={{ height: stage.contentHeight_px }}>
        {tiles.map((tile) => (
          <Tile
            key={tile.id}
            tile={tile}
            box={stage.boxes.get(tile.id) ?? NOWHERE}
            isSpeaking={speaking.has(tile.id)}
            isFloating={stage.mode === "pair" && tile.isLocal}
            isPinned={tile.id === pinned}
            voice={voices.find(({ streamId }) => streamId === tile.streamId)}
            onPin={
              tile.id === pinned || (tiles.length > 2 && !tile.isLocal)
                ? () => setPinned(tile.id === pinned ? null : tile.id)
                : undefined
            }
          />
        ))}
      </ul>
    </div>
  );
}
