"""A browser reads the file of captions: the same lines, times and speakers as the transcript itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from conftest import SIZE_PX
from harness.chromium import ChromiumTab
from harness.cues import read_cues
from playwright.async_api import async_playwright
from support.people import Person
from support.server import Salon
from support.transcripts import address_of, data, line, say


def flat(text: str) -> str:
    """On one line, as cues are."""
    return " ".join(text.split())


def seconds(moment: str, since: str) -> float:
    return (datetime.fromisoformat(moment) - datetime.fromisoformat(since)).total_seconds()


def cue_of(entry: dict[str, Any], begin: str) -> dict[str, Any]:
    """What a browser should make of a line of the transcript."""
    start, end = (round(seconds(entry[name], begin), 3) for name in ("started_at", "ended_at"))
    voices = [flat(entry["speaker"])] if entry["speaker"] else []
    shown_end = max(end, round(start + 0.001, 3))
    return {"start": start, "end": shown_end, "text": flat(entry["text"]), "voices": voices}


async def test_a_browser_reads_in_the_file_what_the_transcript_says(
    salon: Salon, register: Callable[[str], Awaitable[Person]], tmp_path: Path
) -> None:
    host = await register("host")
    meeting = await host.create_meeting()
    said = [
        line("Hello, everybody", meeting_id=meeting),
        line("大家好\n\n再见", at=1.25, lasts=3, meeting_id=meeting, speaker="小王"),
        line('5 < 6 && 7 > 6 --> "yes" &amp; <b>so</b>', at=2.5, meeting_id=meeting, speaker="Tom & <Jerry>"),
        line("Who said that?", at=20, meeting_id=meeting, speaker=""),
        line("Yes", at=30.001, lasts=0, meeting_id=meeting, speaker="Ada\nLovelace"),
        line("Good bye", at=3725.125, lasts=1.5, meeting_id=meeting),
    ]
    await say(salon, meeting, said)
    kept = await data(host, address_of(meeting))
    async with async_playwright() as playwright:
        profile = tmp_path / "profile"
        tab = await ChromiumTab.launch(playwright, profile, locale="en-US", size_px=SIZE_PX)
        try:
            await tab.goto(salon.url)
            cues = await read_cues(tab, f"{address_of(meeting, 'download')}?format=vtt", token=host.token)
        finally:
            await tab.close()
    assert len(cues) == len(said)
    assert cues == [cue_of(entry, kept["started_at"]) for entry in kept["lines"]]
    assert all(cue["end"] > cue["start"] for cue in cues)
    assert [cue["start"] for cue in cues] == sorted(cue["start"] for cue in cues)
