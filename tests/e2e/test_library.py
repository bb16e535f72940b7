"""The media library: files come, are worked on, and go."""

from __future__ import annotations

import subprocess
from pathlib import Path

from conftest import Crew
from harness.person import Person
from harness.tab import role, test_id
from harness.wait import eventually

FILES = """() => [...document.querySelectorAll('[data-testid="file"]')].map((line) => line.innerText)"""
PICTURES = """() => [...document.querySelectorAll('[data-testid="file"] img')]
  .filter((one) => one.naturalWidth > 0).length"""
CHOOSE = """(text) => [...document.querySelectorAll("label")].find((one) => one.innerText === text).click()"""
UPLOADS = (
    """() => [...document.querySelectorAll('[data-testid="uploads"] li')].map((line) => line.dataset.state)"""
)


def make_video(path: Path) -> Path:
    """Two seconds of a test picture with a tone."""
    sources = ("-f", "lavfi", "-i", "testsrc=s=320x180:d=2", "-f", "lavfi", "-i", "sine=d=2")
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", *sources, "-pix_fmt", "yuv420p", "-shortest", str(path)], check=True
    )
    return path


async def upload(person: Person, path: Path) -> None:
    await person.tab.choose_file("files", path)
    await eventually(
        lambda: person.tab.evaluate(FILES),
        lambda lines: any(path.name in line for line in lines),
        within_s=30,
        what=f"{path.name} is in the library",
    )


async def test_a_video_is_uploaded_gets_its_picture_and_is_deleted(
    crew: Crew, tmp_path: Path, pictures: Path
) -> None:
    ada = await crew.chromium("Ada")
    await ada.tab.goto(f"{ada.server.url}/library")
    await ada.expect_text("Nothing here yet")
    await upload(ada, make_video(tmp_path / "holiday.mp4"))
    assert await ada.tab.evaluate(UPLOADS) == ["done"]
    await ada.tab.click(role("button", "What to do with holiday.mp4"))
    await ada.tab.click(role("menuitem", "Make a preview picture"))
    await eventually(
        lambda: ada.tab.evaluate(PICTURES),
        lambda count: count == 1,
        within_s=60,
        what="the preview picture is shown",
    )
    await ada.tab.screenshot(pictures / "library.png")
    await ada.tab.resize(390, 844)
    await ada.tab.screenshot(pictures / "library-phone.png")
    await ada.tab.click(role("button", "What to do with holiday.mp4"))
    await ada.tab.click(role("menuitem", "Delete"))
    await ada.expect_text("lost for good")
    await ada.tab.click(test_id("confirm-button"))
    await ada.expect_text("Nothing here yet")


async def test_a_file_that_the_server_refuses_says_so(crew: Crew, tmp_path: Path) -> None:
    ada = await crew.chromium("Ada")
    await ada.tab.goto(f"{ada.server.url}/library")
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")
    await ada.tab.choose_file("files", empty)
    await ada.expect_text("The server did not accept this")
    assert await ada.tab.evaluate(UPLOADS) == ["failed"]


async def test_the_filter_shows_one_kind(crew: Crew, tmp_path: Path) -> None:
    ada = await crew.chromium("Ada")
    await ada.tab.goto(f"{ada.server.url}/library")
    note = tmp_path / "notes.txt"
    note.write_text("Milk, bread.\n")
    await upload(ada, note)
    await upload(ada, make_video(tmp_path / "clip.mp4"))
    await ada.tab.evaluate(CHOOSE, "Video")
    await eventually(
        lambda: ada.tab.evaluate(FILES),
        lambda lines: len(lines) == 1 and "clip.mp4" in lines[0],
        within_s=15,
        what="only the video is shown",
    )
