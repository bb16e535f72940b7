/** Where each tile of the stage goes. Pure: the same people in the same space give the same picture. */

export type StageTile = { readonly id: string; readonly isLocal: boolean; readonly isLarge: boolean };
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Stage = {
  readonly boxes: ReadonlyMap<string, Box>;
  /** Height of everything; more than the space's own height when the tiles need scrolling. */
  readonly contentHeight_px: number;
  readonly mode: "grid" | "pair" | "spotlight";
};

const WIDEST = 16 / 9;
const NARROWEST_IN_WIDE = 4 / 3; // Cameras are wide: narrower than this cuts shoulders off.
const NARROWEST_IN_TALL = 0.8; // A face still fits in 4:5, and two people fill a phone held upright.
const SMALLEST_TILE_PX = 104; // Below this a name cannot be read any more: the grid scrolls instead.
const SIDE_BY_SIDE_PX = 560; // From here on a strip of people fits beside a large tile.

type Space = {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  /** Captions lie over the lower edge: what floats goes to the upper one. */
  readonly hasCaptions?: boolean;
};

/** Lays out tiles in the order given. The order never depends on who speaks, so nobody jumps. */
export function layoutStage(tiles: readonly StageTile[], space: Space): Stage {
  const large = tiles.find((tile) => tile.isLarge);
  const [only] = tiles.filter((tile) => !tile.isLocal);
  const local = tiles.find((tile) => tile.isLocal);
  if (large !== undefined && tiles.length > 1) {
    return spotlight(large, tiles, space);
  }
  if (tiles.length === 2 && only !== undefined && local !== undefined) {
    return pair(only, local, space);
  }
  const whole = { x: 0, y: 0, width: space.width, height: space.height };
  if (tiles.length === 1 && tiles[0] !== undefined) {
    return { boxes: new Map([[tiles[0].id, whole]]), contentHeight_px: space.height, mode: "grid" };
  }
  const { boxes, contentHeight_px } = grid(tiles, whole, space.gap);
  return { boxes, contentHeight_px, mode: "grid" };
}

/** One other person: they have the whole stage, the own picture lies in a corner. */
function pair(remote: StageTile, local: StageTile, { width, height, gap, hasCaptions = false }: Space): Stage {
  const isTall = height > width;
  const ownWidth = isTall ? Math.min(width * 0.3, 150) : clamp(width * 0.2, 140, 260);
  const ownHeight = ownWidth * (isTall ? 4 / 3 : 9 / 16);
  const inset = gap + 4;
  const boxes = new Map<string, Box>([
    [remote.id, { x: 0, y: 0, width, height }],
    [local.id, { x: width - ownWidth - inset, y: hasCaptions ? inset : height - ownHeight - inset, width: ownWidth, height: ownHeight }],
  ]);
  return { boxes, contentHeight_px: height, mode: "pair" };
}

/** A shared screen or a pinned person is large; everybody else forms a strip beside or below. */
function spotlight(large: StageTile, tiles: readonly StageTile[], { width, height, gap }: Space): Stage {
  const others = tiles.filter((tile) => tile !== large);
  const isWide = width >= SIDE_BY_SIDE_PX && width > height * 1.2;
  const strip = isWide
    ? clamp(width * 0.19, 132, 280) * (others.length > 6 ? 1.35 : 1)
    : clamp(height * 0.24, 96, 180) * (others.length > 4 ? 1.3 : 1);
  const main = isWide
    ? { x: 0, y: 0, width: width - strip - gap, height }
    : { x: 0, y: 0, width, height: height - strip - gap };
  const side = isWide
    ? { x: width - strip, y: 0, width: strip, height }
    : { x: 0, y: height - strip, width, height: strip };
  const placed = grid(others, side, gap);
  placed.boxes.set(large.id, main);
  return { boxes: placed.boxes, contentHeight_px: Math.max(height, side.y + placed.contentHeight_px), mode: "spotlight" };
}

/** Equal tiles in rows, as large as they get; the last row is centred. */
function grid(tiles: readonly StageTile[], area: Box, gap: number): { boxes: Map<string, Box>; contentHeight_px: number } {
  const boxes = new Map<string, Box>();
  if (tiles.length === 0 || area.width <= 0 || area.height <= 0) {
    return { boxes, contentHeight_px: area.height };
  }
  const { columns, width, height } = bestTile(tiles.length, area, gap);
  const rows = Math.ceil(tiles.length / columns);
  const used = rows * height + (rows - 1) * gap;
  const top = area.y + Math.max(0, (area.height - used) / 2);
  tiles.forEach((tile, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, tiles.length - row * columns);
    const left = area.x + (area.width - inRow * width - (inRow - 1) * gap) / 2;
    boxes.set(tile.id, {
      x: left + (index % columns) * (width + gap),
      y: top + row * (height + gap),
      width,
      height,
    });
  });
  return { boxes, contentHeight_px: Math.max(area.height, used) };
}

type TileSize = { columns: number; width: number; height: number };

function bestTile(count: number, area: Box, gap: number): TileSize {
  const narrowest = area.height > area.width ? NARROWEST_IN_TALL : NARROWEST_IN_WIDE;
  let best: TileSize = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (area.width - gap * (columns - 1)) / columns;
    const cellHeight = (area.height - gap * (rows - 1)) / rows;
    const width = Math.min(cellWidth, cellHeight * WIDEST);
    const height = Math.min(cellHeight, width / narrowest);
    if (width > 0 && height > 0 && width * height > best.width * best.height) {
      best = { columns, width, height };
    }
  }
  if (best.width >= SMALLEST_TILE_PX) {
    return best;
  }
  const columns = clamp(Math.floor((area.width + gap) / (SMALLEST_TILE_PX + gap)), 1, count);
  const width = (area.width - gap * (columns - 1)) / columns;
  return { columns, width, height: width / (4 / 3) };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
