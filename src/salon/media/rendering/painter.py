"""Paints a recording's picture for one moment after the other, and only what changed."""

from bisect import bisect_right
from dataclasses import dataclass, field

from av.video.frame import VideoFrame

from salon.media.rendering import lettering
from salon.media.rendering.canvas import Canvas, Overlay, Planes, fitted, yuv
from salon.media.rendering.layout import Box, Layout, Placed, arrange, even
from salon.media.rendering.model import Media, RecordingLog, Speech
from salon.media.rendering.pictures import Pictures
from salon.media.rendering.scenes import Show, find_scenes

NOBODY = "Nobody is here"
SCREEN_NOTE = " · screen"


@dataclass(slots=True)
class _Slot:
    """A place with what it shows now."""

    placed: Placed
    label: tuple[Overlay, Box] | None
    picture: Planes
    is_speaking: bool = False
    is_stale: bool = True


@dataclass(slots=True)
class _Voices:
    """Who speaks at a moment that never goes back."""

    speech: tuple[Speech, ...]
    ahead: int = 0
    current: list[Speech] = field(default_factory=list)

    def at(self, at_us: int) -> frozenset[str]:
        while self.ahead < len(self.speech) and self.speech[self.ahead].start_us <= at_us:
            self.current.append(self.speech[self.ahead])
            self.ahead += 1
        self.current = [each for each in self.current if each.end_us > at_us]
        return frozenset(each.stream for each in self.current)


class Painter:
    """Moments must not go back.

    Args:
        log: what to paint.
        width: even.
        height: even.
    """

    def __init__(self, log: RecordingLog, width: int, height: int) -> None:
        self._log = log
        self.canvas = Canvas(width, height)
        self._planes = self.canvas.planes
        self._scenes = find_scenes(log)
        self._starts = [scene.start_us for scene in self._scenes]
        self._scene: int | None = None
        self._slots: list[_Slot] = []
        self._pictures = {track.track: Pictures(track) for track in log.tracks if track.media is Media.VIDEO}
        self._last: dict[str, VideoFrame] = {}
        self._voices = _Voices(log.speech)
        self._border = even(max(4, height / 144))

    @property
    def bad_blocks(self) -> int:
        """Blocks that could not be decoded so far."""
        return sum(pictures.bad_blocks for pictures in self._pictures.values())

    def paint(self, at_us: int) -> bool:
        """Brings the canvas to this moment; tells whether anything changed."""
        has_changed = self._turn_to(at_us)
        speaking = self._voices.at(at_us)
        for slot in self._slots:
            self._refresh(slot, at_us)
            is_speaking = slot.placed.tile.stream in speaking and slot.placed.tile.show is not Show.SCREEN
            if slot.is_stale or is_speaking != slot.is_speaking:
                slot.is_speaking, slot.is_stale = is_speaking, False
                self._draw(slot)
                has_changed = True
        return has_changed

    def _turn_to(self, at_us: int) -> bool:
        """A new scene, if one has begun."""
        index = max(0, bisect_right(self._starts, at_us) - 1)
        if index == self._scene:
            return False
        self._scene = index
        tiles = self._scenes[index].tiles if self._scenes else ()
        layout = arrange(tiles, self._planes.width, self._planes.height)
        shown = {placed.tile.track for placed in layout.placed}
        self._last = {track: frame for track, frame in self._last.items() if track in shown}
        self._slots = [self._slot(placed) for placed in layout.placed]
        self._planes.fill(lettering.GROUND)
        if not self._slots:
            self._planes.paste(lettering.notice(NOBODY, self._planes.width, self._planes.height))
        self._tell_hidden(layout)
        return True

    def _tell_hidden(self, layout: Layout) -> None:
        if not layout.hidden:
            return
        width, height = self._planes.width, self._planes.height
        more = lettering.label(f"+{layout.hidden}", even(height * 0.045), width // 4)
        if more is not None:
            size = more.picture
            more.lay_on(
                self._planes.part(Box(width - size.width, height - size.height, size.width, size.height))
            )

    def _slot(self, placed: Placed) -> _Slot:
        tile, box = placed.tile, placed.box
        height = even(min(self._planes.height * 0.045, box.height * 0.16))
        margin = even(self._border + height * 0.3)
        note = SCREEN_NOTE if tile.show is Show.SCREEN else ""
        overlay = lettering.label(tile.name, height, even(box.width - 2 * margin), note=note)
        label = None
        if overlay is not None:
            label = (overlay, Box(margin, even(box.height - height - margin), overlay.picture.width, height))
        return _Slot(placed, label, self._first_picture(placed))

    def _first_picture(self, placed: Placed) -> Planes:
        """The last one, in its new size; before a camera's first there is only the avatar."""
        tile, box = placed.tile, placed.box
        last = self._last.get(tile.track) if tile.track is not None else None
        if last is None:
            return lettering.avatar(tile.name, tile.owner, box.width, box.height)
        return _fit(last, placed)

    def _refresh(self, slot: _Slot, at_us: int) -> None:
        track = slot.placed.tile.track
        frame = self._pictures[track].newest(at_us) if track is not None else None
        if track is not None and frame is not None:
            self._last[track] = frame
            slot.picture, slot.is_stale = _fit(frame, slot.placed), True

    def _draw(self, slot: _Slot) -> None:
        place = self._planes.part(slot.placed.box)
        place.paste(slot.picture)
        if slot.label is not None:
            overlay, box = slot.label
            overlay.lay_on(place.part(box))
        if slot.is_speaking:
            self._frame(place)

    def _frame(self, place: Planes) -> None:
        width, half = self._border, self._border // 2
        y, u, v = yuv(lettering.SPEAKING)
        for plane, edge, value in ((place.y, width, y), (place.u, half, u), (place.v, half, v)):
            plane[:edge], plane[-edge:], plane[:, :edge], plane[:, -edge:] = value, value, value, value


def _fit(frame: VideoFrame, placed: Placed) -> Planes:
    is_camera = placed.tile.show is Show.CAMERA
    return fitted(frame, placed.box.width, placed.box.height, may_crop=is_camera, ground=lettering.TILE)
