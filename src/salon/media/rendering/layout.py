"""Where each tile stands in the picture. Pure arithmetic; all numbers are even, as 4:2:0 pictures need."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from salon.media.rendering.scenes import Show, Tile

ASPECT = 16 / 9
MOST_IN_GRID = 16
MOST_IN_STRIP = 6


@dataclass(frozen=True, slots=True)
class Box:
    """A place in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A tile and its place."""

    tile: Tile
    box: Box


@dataclass(frozen=True, slots=True)
class Layout:
    """What is seen; ``hidden`` people have no place."""

    placed: tuple[Placed, ...]
    hidden: int


def arrange(tiles: Sequence[Tile], width: int, height: int) -> Layout:
    """A grid of equal tiles; with a shared screen, that large and the people in a strip beside it.

    Those with a picture go before those without, if not all have room.
    """
    gap = even(max(4, height * 0.012))
    screens = [tile for tile in tiles if tile.show is Show.SCREEN]
    if screens:
        return _beside_screen(screens, tiles, width, height, gap)
    chosen = _chosen(tiles, MOST_IN_GRID)
    boxes = _grid(len(chosen), Box(0, 0, width, height), gap)
    return Layout(_place(chosen, boxes), len(tiles) - len(chosen))


def even(value: float) -> int:
    """The next even number below."""
    return int(value) // 2 * 2


def _chosen(tiles: Sequence[Tile], most: int) -> list[Tile]:
    """The first ones with a picture, then the others; in their old order."""
    wanted = sorted(range(len(tiles)), key=lambda index: (tiles[index].show is Show.AVATAR, index))[:most]
    return [tiles[index] for index in sorted(wanted)]


def _place(tiles: Sequence[Tile], boxes: Sequence[Box]) -> tuple[Placed, ...]:
    return tuple(Placed(tile, box) for tile, box in zip(tiles, boxes, strict=True))


def _beside_screen(
    screens: Sequence[Tile], tiles: Sequence[Tile], width: int, height: int, gap: int
) -> Layout:
    """The newest screen is the large one; the strip is on the right."""
    large = screens[-1]
    others = [tile for tile in tiles if tile is not large]
    strip = even(width * 0.19)
    chosen = _chosen(others, MOST_IN_STRIP)
    if not chosen:
        return Layout(_place([large], [Box(gap, gap, width - 2 * gap, height - 2 * gap)]), 0)
    stage = Box(gap, gap, even(width - strip - 3 * gap), height - 2 * gap)
    tile_height = even(min(strip / ASPECT, (height - gap) / len(chosen) - gap))
    top = even((height - len(chosen) * tile_height - (len(chosen) - 1) * gap) / 2)
    x = stage.x + stage.width + gap
    boxes = [Box(x, even(top + n * (tile_height + gap)), strip, tile_height) for n in range(len(chosen))]
    return Layout(_place([large, *chosen], [stage, *boxes]), len(others) - len(chosen))


def _grid(count: int, area: Box, gap: int) -> list[Box]:
    """Equal boxes of 16:9, as large as they can be; a last row that is not full stands in the middle."""
    if not count:
        return []
    columns = max(range(1, count + 1), key=lambda each: _tile_width(count, each, area, gap))
    rows = ceil(count / columns)
    width = even(_tile_width(count, columns, area, gap))
    height = even(width / ASPECT)
    top = even(area.y + (area.height - rows * height - (rows - 1) * gap) / 2)
    boxes: list[Box] = []
    for row in range(rows):
        here = min(columns, count - row * columns)
        left = even(area.x + (area.width - here * width - (here - 1) * gap) / 2)
        boxes += [
            Box(left + n * (width + gap), top + row * (height + gap), width, height) for n in range(here)
        ]
    return boxes


def _tile_width(count: int, columns: int, area: Box, gap: int) -> float:
    rows = ceil(count / columns)
    return min(
        (area.width - (columns + 1) * gap) / columns, ((area.height - (rows + 1) * gap) / rows) * ASPECT
    )
