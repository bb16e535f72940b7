"""Files made of recordings: every voice and picture at its time, whatever befell it on the disk."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from support.recordings import FLASH_S, Sample, us

from salon.media.rendering.layout import arrange
from salon.media.rendering.log import read_log
from salon.media.rendering.scenes import Show, find_scenes
from salon.media.rendering.tracks import container_of

RATE_HZ = 48_000
ANNA_HZ, BEN_HZ, BEEP_HZ = 440, 700, 1500
FLASH_AT = 2.5
END = 6.4
SKEW_S = 0.08


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people; a crash at 4 s in the middle of a write; one comes back at 5 s as another stream."""
    made = Sample(tmp_path_factory.mktemp("recordings") / "crashed")
    made.begin()
    made.join(0, "a", "Anna", user_id=1)
    made.join(0.2, "b", "李小龙", user_id=2)
    made.join(1, "c", "Carl", user_id=3)
    for at, stream, codec in ((0.4, "a", "vp8"), (0.5, "b", "h264"), (1.0, "c", "vp8")):
        made.track(at, f"{stream}-sound", stream, "audio", "opus")
        made.track(at, f"{stream}-video", stream, "video", codec)
    made.audio("a-sound", 0.5, 2, hz=ANNA_HZ)
    made.audio("a-sound", 2, 4, hz=ANNA_HZ)
    made.video("a-video", 0.6, 2, fps=15)
    made.video("a-video", 2, 4, fps=15)
    made.audio("b-sound", 0.7, 1.5, hz=BEN_HZ)
    made.index(1.7, "gap", track="b-sound", from_us=us(1.5), to_us=us(1.7), cause="loss", packets=10)
    made.audio("b-sound", 1.7, 4, hz=BEN_HZ, sealed=False)
    tear(made.video("b-video", 0.8, 4, fps=15, codec="h264", seed=1, sealed=False), 0.6)
    made.audio("c-sound", 1.3, 4, hz=BEEP_HZ, beeps=[FLASH_AT])
    made.video("c-video", 1.1, 4, seed=2, flashes=[FLASH_AT])
    made.index(1.0, "speech", track="a-sound", on=True)
    made.index(2.0, "speech", track="a-sound", on=False)
    made.index(5, "run", run="run-2", version="0.1.0")
    made.event(4.9, "left", user_id=1, username="user1", nickname="Anna", stream="a")
    made.join(5, "a2", "Anna", user_id=1)
    made.track(5, "a2-sound", "a2", "audio", "opus")
    made.track(5, "a2-video", "a2", "video", "vp8")
    made.audio("a2-sound", 5.1, END, hz=ANNA_HZ)
    made.video("a2-video", 5.1, END, fps=15)
    made.stop(END)
    with (made.folder / "index.jsonl").open("a") as index:
        index.write('{"t":17900000')  # A power cut in the middle of a line.
    return made.folder


def tear(path: Path, part: float) -> None:
    """Only a part of a file reached the disk."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])


def copy_of(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def render(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """The result of a command, or its error."""
    command = [sys.executable, "-m", "salon.media.rendering", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == code, (done.stdout, done.stderr)
    *progress, last = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [line["progress"] for line in progress]
    assert steps == sorted(steps)
    found: dict[str, Any] = last.get("result", last)
    return found


def gaps_of(result: dict[str, Any]) -> list[tuple[str, str, float, float]]:
    return sorted(
        (gap["name"], gap["media"] + " " + gap["cause"], gap["start"], gap["end"]) for gap in result["gaps"]
    )


def sound_of(path: Path) -> NDArray[np.float32]:
    """The sound of a file on its own timeline, mono."""
    with av.open(str(path)) as container:
        total = round((container.duration or 0) * RATE_HZ / 1_000_000) + RATE_HZ
        heard = np.zeros(total, np.float32)
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
        for frame in container.decode(audio=0):
            at = round((frame.time or 0) * RATE_HZ)
            for piece in resampler.resample(frame):
                samples = piece.to_ndarray()[0]
                skip = max(0, -at)
                heard[at + skip : at + samples.size] = samples[skip:]
                at += samples.size
    return heard


def strength(sound: NDArray[np.float32], hz: float, start: float, end: float) -> float:
    """The amplitude of a tone within a time, by its bin of the Fourier transform."""
    part = sound[round(start * RATE_HZ) : round(end * RATE_HZ)]
    turned = np.exp(-2j * np.pi * hz * np.arange(part.size) / RATE_HZ)
    return float(2 * abs(np.dot(part * np.hanning(part.size), turned)) / (part.size / 2))


def onset(sound: NDArray[np.float32], hz: float) -> float:
    """When a tone begins that is heard once."""
    step = 0.005
    levels = [
        strength(sound, hz, n * step, n * step + 0.02) for n in range(int(sound.size / RATE_HZ / step) - 4)
    ]
    return (next(n for n, level in enumerate(levels) if level > max(levels) / 2)) * step + 0.01


def lumas(path: Path) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """The film's pictures with their times, in shades of grey."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield float(frame.time or 0), frame.reformat(format="gray").to_ndarray()


def test_the_log_tells_who_was_there_and_what_is_missing(sample: Path) -> None:
    log = read_log(sample)
    assert log.seconds(log.end_us) == END
    assert {person.name for person in log.people.values()} == {"Anna", "李小龙", "Carl"}
    assert [(c.kind, c.name) for c in log.chapters] == [
        ("joined", "Anna"),
        ("joined", "李小龙"),
        ("joined", "Carl"),
        ("left", "Anna"),
        ("joined", "Anna"),
        ("warning", "The server was restarted"),
    ]
    assert [(log.seconds(s.start_us), log.seconds(s.end_us), s.stream) for s in log.speech] == [
        (1.0, 2.0, "a")
    ]
    # Whoever was not heard of after the crash went with it; and the next one is not alone in the picture.
    carl = next(each for each in log.presences if each.stream == "c")
    assert log.seconds(carl.end_us) == pytest.approx(4, abs=0.05)
    assert [tile.name for tile in find_scenes(log)[-1].tiles] == ["Anna"]


def test_verify_lists_exactly_the_gaps(sample: Path, tmp_path: Path) -> None:
    found = render("verify", sample, tmp_path / "report.json")
    torn = next(gap for gap in found["gaps"] if gap["stream"] == "b" and gap["media"] == "video")
    assert 2 < torn["start"] < 4
    assert gaps_of(found) == [
        ("Anna", "audio crash", 4.0, 5.1),
        ("Anna", "video crash", 4.0, 5.1),
        ("Carl", "audio crash", 4.0, 5.1),
        ("Carl", "video crash", 4.0, 5.1),
        ("李小龙", "audio crash", pytest.approx(4.0, abs=0.02), 5.1),
        ("李小龙", "audio loss", 1.5, 1.7),
        ("李小龙", "video crash", torn["start"], 5.1),
    ]
    assert found["ok"]
    assert found["open"] == ["tracks/b-sound/000002.mkv", "tracks/b-video/000001.mkv"]
    assert json.loads((tmp_path / "report.json").read_text()) == found


def test_verify_names_changed_and_missing_files(sample: Path, tmp_path: Path) -> None:
    folder = copy_of(sample, tmp_path / "damaged")
    changed, missing = folder / "tracks/a-sound/000001.mkv", folder / "tracks/c-video/000001.mkv"
    content = bytearray(changed.read_bytes())
    content[-5] ^= 1
    changed.write_bytes(content)
    missing.unlink()
    found = render("verify", folder, code=3)
    assert not found["ok"]
    assert found["changed"] == ["tracks/a-sound/000001.mkv"]
    assert found["missing"] == ["tracks/c-video/000001.mkv"]
    assert ("Carl", "video file", 1.1, 4.0) in gaps_of(found)


def test_sealing_twice_is_sealing_once(sample: Path, tmp_path: Path) -> None:
    folder = copy_of(sample, tmp_path / "broken")
    index = folder / "index.jsonl"
    lines = [line for line in index.read_text().splitlines() if '"stop"' not in line]
    index.write_text("\n".join(lines))  # The last line is torn now.
    before = index.read_bytes()
    result = render("seal", folder, folder)
    after = index.read_bytes()
    assert after.startswith(before)
    assert (result["sealed"], result["stopped"]) == (2, True)
    assert json.loads(after.splitlines()[-1])["cause"] == "recovered"
    again = render("seal", folder, folder)
    assert (again["sealed"], again["stopped"]) == (0, False)
    assert index.read_bytes() == after
    found = render("verify", folder)
    assert found["ok"]
    assert found["open"] == []
    assert found["stopped"]


def test_all_tracks_are_joined_without_loss(sample: Path, tmp_path: Path) -> None:
    log = read_log(sample)
    result = render("tracks", sample, tmp_path / "tracks.mkv")
    assert len(result["tracks"]) == 6  # Anna came back into her own tracks.
    with av.open(str(tmp_path / "tracks.mkv")) as container:
        names = sorted(stream.codec_context.name for stream in container.streams)
        assert names == ["h264", "opus", "opus", "opus", "vp8", "vp8"]
        assert (container.duration or 0) / 1_000_000 == pytest.approx(END, abs=0.1)
        blocks = sum(packet.size > 0 for packet in container.demux())
    assert blocks == sum(segment.frames for segment in log.segments)


@pytest.mark.parametrize(
    ("track", "container"), [("a-video", "webm"), ("b-video", "mp4"), ("b-sound", "webm")]
)
def test_a_track_plays_by_itself(sample: Path, tmp_path: Path, track: str, container: str) -> None:
    log = read_log(sample)
    of = log.find_track(track)
    assert of is not None
    assert container_of(of) == container
    result = render("track", sample, tmp_path / "file", "--track", track)
    assert result["start"] == log.seconds(of.segments[0].start_us)
    with av.open(str(tmp_path / "file")) as opened:
        frames = list(opened.decode(opened.streams[0]))
        assert frames[0].time == pytest.approx(0, abs=0.01)
        assert frames[-1].time == pytest.approx(result["end"] - result["start"], abs=0.15)


def test_every_voice_is_in_the_mix_at_its_time(sample: Path, tmp_path: Path) -> None:
    render("mix", sample, tmp_path / "mix.m4a")
    sound = sound_of(tmp_path / "mix.m4a")
    with av.open(str(tmp_path / "mix.m4a")) as container:
        assert (container.duration or 0) / 1_000_000 == pytest.approx(END, abs=0.2)
    assert np.abs(sound).max() < 1
    for hz, inside, outside in (
        (ANNA_HZ, [(0.6, 3.9), (5.2, 6.3)], [(0.0, 0.45), (4.2, 5.0)]),
        (BEN_HZ, [(0.8, 1.4), (1.8, 3.9)], [(0.0, 0.6), (4.2, 6.3)]),
        (BEEP_HZ, [(FLASH_AT, FLASH_AT + FLASH_S)], [(1.4, 2.4), (2.7, 3.9)]),
    ):
        loud = min(strength(sound, hz, *span) for span in inside)
        assert loud > 0.05
        assert max(strength(sound, hz, *span) for span in outside) < loud / 20
    # The gap of 0.2 s is silence, not a shift of what follows.
    assert strength(sound, BEN_HZ, 1.53, 1.67) < strength(sound, BEN_HZ, 1.8, 1.94) / 10


def test_the_film_shows_everybody_in_step_with_their_voice(sample: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    result = render("composite", sample, film, "--quality", "480p", "--format", "mp4")
    assert (result["width"], result["height"], result["empty"]) == (854, 480, False)
    log = read_log(sample)
    scene = next(s for s in find_scenes(log) if s.holds(us(2.2)))
    boxes = {p.tile.stream: p.box for p in arrange(scene.tiles, 854, 480).placed}
    assert set(boxes) == {"a", "b", "c"}
    moved = dict.fromkeys(boxes, 0.0)
    last: NDArray[np.uint8] | None = None
    flash: float | None = None
    end = 0.0
    for at, picture in lumas(film):
        end = at
        tile = boxes["c"]
        if (
            flash is None
            and picture[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width].mean() > 190
        ):
            flash = at
        if 1.5 <= at <= 2.2 or 2.8 <= at < 3.0:
            if last is not None:
                change = np.abs(picture.astype(np.int16) - last)
                for stream, box in boxes.items():
                    moved[stream] += float(
                        change[box.y : box.y + box.height, box.x : box.x + box.width].mean()
                    )
            last = picture
    assert end == pytest.approx(END, abs=1)
    assert min(moved.values()) > 3, moved
    assert flash is not None
    beep = onset(sound_of(film), BEEP_HZ)
    assert abs(flash - beep) < SKEW_S, (flash, beep)
    assert flash == pytest.approx(FLASH_AT, abs=SKEW_S)


def test_whoever_speaks_has_a_border(sample: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    render("composite", sample, film, "--quality", "480p")
    scene = next(s for s in find_scenes(read_log(sample)) if s.holds(us(1.8)))
    boxes = {p.tile.stream: p.box for p in arrange(scene.tiles, 854, 480).placed}

    def green(at: float, stream: str) -> int:
        with av.open(str(film)) as container:
            frame = next(f for f in container.decode(video=0) if (f.time or 0) >= at)
            box = boxes[stream]
            red, light, blue = (
                int(v) for v in frame.to_ndarray(format="rgb24")[box.y + box.height // 3, box.x + 1]
            )
            return light - max(red, blue)

    assert green(1.8, "a") > 60
    assert green(1.8, "c") < 30
    assert green(2.3, "a") < 30


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person shares a screen, one has no camera."""
    made = Sample(tmp_path_factory.mktemp("recordings") / "short")
    made.begin()
    made.join(0, "a", "Anna", user_id=1)
    made.join(0, "b", "Ben", user_id=2, video=False)
    made.switch(1, "a", user_id=1, video=False, screen=True)
    made.track(0, "a-video", "a", "video", "vp8")
    made.track(0, "b-sound", "b", "audio", "opus")
    made.video("a-video", 0, 1, fps=15)
    made.video("a-video", 1, 2, fps=15, size=(640, 360))
    made.audio("b-sound", 0, 2, hz=BEN_HZ)
    made.stop(2)
    return made.folder


@pytest.mark.parametrize(
    ("file_format", "codecs"), [("webm", ["opus", "vp8"]), ("mkv", ["aac", "h264"]), ("mp4", ["aac", "h264"])]
)
def test_the_film_comes_in_each_format(
    short: Path, tmp_path: Path, file_format: str, codecs: list[str]
) -> None:
    film = tmp_path / f"film.{file_format}"
    render("composite", short, film, "--quality", "480p", "--format", file_format)
    with av.open(str(film)) as container:
        assert sorted(stream.codec_context.name for stream in container.streams) == codecs
        assert (container.duration or 0) / 1_000_000 == pytest.approx(2, abs=0.3)
    assert strength(sound_of(film), BEN_HZ, 0.2, 1.8) > 0.05
    assert list(tmp_path.iterdir()) == [film]


def test_a_shared_screen_takes_the_large_place(short: Path) -> None:
    scenes = find_scenes(read_log(short))
    shows = [[tile.show for tile in scene.tiles] for scene in scenes]
    assert shows == [[Show.CAMERA, Show.AVATAR], [Show.SCREEN, Show.AVATAR, Show.AVATAR]]
    placed = arrange(scenes[1].tiles, 1280, 720).placed
    areas = {p.tile.show: p.box.width * p.box.height for p in placed}
    assert areas[Show.SCREEN] > 10 * areas[Show.AVATAR]


def test_damaged_segments_become_gaps_and_the_film_goes_on(sample: Path, tmp_path: Path) -> None:
    folder = copy_of(sample, tmp_path / "damaged")
    rng = np.random.default_rng(7)
    for name in ("a-video/000001", "b-sound/000001", "c-video/000001"):
        path = folder / f"tracks/{name}.mkv"
        content = bytearray(path.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 400] = rng.integers(0, 256, 400, np.uint8).tobytes()
        path.write_bytes(content)
    (folder / "tracks/a-sound/000002.mkv").write_bytes(b"not a film at all")
    (folder / "tracks/b-video/000001.mkv").write_bytes(b"")
    result = render("composite", folder, tmp_path / "film.mp4", "--quality", "480p")
    assert result["duration"] == pytest.approx(END, abs=0.1)
    sound = sound_of(tmp_path / "film.mp4")
    assert strength(sound, ANNA_HZ, 0.6, 1.9) > 0.05
    assert strength(sound, ANNA_HZ, 5.2, 6.3) > 0.05


def test_an_empty_recording_gives_a_film_that_says_so(tmp_path: Path) -> None:
    made = Sample(tmp_path / "empty")
    made.begin()
    made.stop(30)
    for kind, name in (
        ("composite", "film.mp4"),
        ("tracks", "tracks.mkv"),
        ("mix", "mix.m4a"),
        ("thumbnail", "t.jpg"),
    ):
        result = render(kind, made.folder, tmp_path / name)
        assert result["empty"], kind
        assert result["bytes"] > 0, kind
    assert len(list(lumas(tmp_path / "film.mp4"))) == 60
    assert len(list(lumas(tmp_path / "tracks.mkv"))) > 0


def test_the_thumbnail_is_of_a_moment_with_pictures(sample: Path, tmp_path: Path) -> None:
    result = render("thumbnail", sample, tmp_path / "thumbnail.jpg")
    assert 1.1 <= result["at"] < 4
    with Image.open(tmp_path / "thumbnail.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (1280, 720))


def test_a_folder_without_a_recording_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    error = render("composite", tmp_path / "nothing", tmp_path / "film.mp4", code=1)["error"]
    assert "is not a recording" in error
    assert not (tmp_path / "film.mp4").exists()
