"""Names, initials and notices as pictures."""

import unicodedata
import zlib
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from salon.media.rendering.canvas import Overlay, Planes, Rgb, overlay_of, picture_of
from salon.media.rendering.layout import even

GROUND: Rgb = (17, 20, 27)
TILE: Rgb = (35, 40, 51)
INK: Rgb = (245, 247, 250)
SPEAKING: Rgb = (74, 222, 128)
# Dark enough for white letters (contrast 4.5:1), far enough from one another.
COLOURS: tuple[Rgb, ...] = (
    (37, 99, 235),
    (190, 24, 93),
    (4, 120, 87),
    (180, 83, 9),
    (109, 40, 217),
    (14, 116, 144),
    (185, 28, 28),
    (77, 124, 15),
)
_LATIN = ("dejavu/DejaVuSans.ttf", "noto/NotoSans-Regular.ttf", "liberation/LiberationSans-Regular.ttf")
_CJK = (
    "noto/NotoSansCJK-Regular.ttc",
    "noto-cjk/NotoSansCJK-Regular.ttc",
    "wqy/wqy-zenhei.ttc",
    "wqy/wqy-microhei.ttc",
    "droid/DroidSansFallbackFull.ttf",
    "arphic/uming.ttc",
)
_FOLDERS = (Path("/usr/share/fonts/truetype"), Path("/usr/share/fonts/opentype"), Path("/usr/share/fonts"))
_FIRST_CJK = "\u1100"
_WIDE = frozenset({"W", "F"})
LONGEST_NAME = 80

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def label(name: str, height: int, most_width: int, *, note: str = "") -> Overlay | None:
    """A name on a dark pill, cut to fit; None if there is no room for any of it.

    Args:
        name: shown without control characters.
        height: of the pill, even.
        most_width: of the pill.
        note: follows the name, in a fainter ink.
    """
    pad = height * 0.42
    room = most_width - 2 * pad
    if room < height or height < 12:
        return None
    text = shown_name(name)
    font = font_of(text + note, round(height * 0.56))
    text = _cut(text, font, room - (font.getlength(note) if note else 0))
    width = even(min(most_width, 2 * pad + font.getlength(text + note)) + 1)
    image = Image.new("RGBA", (width, height), (*GROUND, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), radius=height // 2, fill=(*GROUND, 190))
    _write(draw, (pad, height / 2), text, font, (*INK, 255), anchor="lm")
    if note:
        _write(draw, (pad + font.getlength(text), height / 2), note, font, (*INK, 170), anchor="lm")
    return overlay_of(image)


def avatar(name: str, owner: str, width: int, height: int) -> Planes:
    """A disc in the person's colour with their initials."""
    scale = 2  # Drawn larger and scaled down: Pillow's discs have jagged edges.
    image = Image.new("RGB", (width * scale, height * scale), TILE)
    draw = ImageDraw.Draw(image)
    radius = min(width, height) * scale * 0.27
    middle = (width * scale / 2, height * scale / 2)
    draw.ellipse(
        (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius),
        fill=colour_of(owner),
    )
    letters = initials(name)
    _write(draw, middle, letters, font_of(letters, max(8, round(radius * 0.8))), INK, anchor="mm")
    return picture_of(image.resize((width, height), Image.Resampling.LANCZOS))


def notice(text: str, width: int, height: int) -> Planes:
    """A line of text in the middle of an empty picture."""
    image = Image.new("RGB", (width, height), GROUND)
    font = font_of(text, max(10, height // 18))
    _write(
        ImageDraw.Draw(image), (width / 2, height / 2), _cut(text, font, width * 0.9), font, INK, anchor="mm"
    )
    return picture_of(image)


def colour_of(owner: str) -> Rgb:
    """The same one for the same person in every recording."""
    return COLOURS[zlib.crc32(owner.encode()) % len(COLOURS)]


def initials(name: str) -> str:
    """The first letters of the first and the last word; of a Chinese, Japanese or Korean name the first."""
    words = [word for word in shown_name(name).split() if any(char.isalnum() for char in word)]
    if not words:
        return "?"
    letters = [next(char for char in word if char.isalnum()) for word in words]
    if unicodedata.east_asian_width(letters[0]) in _WIDE or len(letters) == 1:
        return letters[0].upper()[:1]
    return (letters[0] + letters[-1]).upper()[:2]


def shown_name(name: str) -> str:
    """A name in one line, without what cannot be seen or would turn the text around."""
    visible = "".join(" " if char.isspace() else char for char in name[:LONGEST_NAME])
    visible = "".join(char for char in visible if unicodedata.category(char)[0] != "C")
    return " ".join(visible.split()) or "?"


@lru_cache(maxsize=64)
def _font(is_cjk: bool, size: int) -> Font:
    for name in (*_CJK, *_LATIN) if is_cjk else (*_LATIN, *_CJK):
        for folder in _FOLDERS:
            try:
                return ImageFont.truetype(str(folder / name), size)
            except OSError:
                continue
    return ImageFont.load_default(size)


def font_of(text: str, size: int) -> Font:
    """A font of this machine that has the text's letters, as far as there is one; else Pillow's own."""
    return _font(
        any(char >= _FIRST_CJK and unicodedata.east_asian_width(char) in _WIDE for char in text), size
    )


def _cut(text: str, font: Font, room: float) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    font: Font,
    ink: tuple[int, ...],
    *,
    anchor: str,
) -> None:
    try:
        draw.text(at, text, font=font, fill=ink, anchor=anchor)
    except (UnicodeError, ValueError):  # Pillow without FreeType: Latin letters only, no anchors.
        draw.text(at, text.encode("latin-1", "replace").decode("latin-1"), font=font, fill=ink)
