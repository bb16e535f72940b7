"""A host is warned of a voice that a detector takes for a machine's; nobody else is, and it passes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from conftest import Crew
from harness.person import all_of
from harness.server import Server
from harness.tab import test_id
from harness.wait import eventually
from support.detector_server import DetectorServer
from test_captions import sayings, speech_file

from salon.ai.catalog import OPEN_INFERENCE_VOICE

BADGES = """() => document.querySelectorAll('[data-testid="voice-badge"]').length"""
PATIENCE_S = 150
"""A warning takes several phrases, and they wait for their captions."""


@pytest.fixture
def detector() -> Iterator[DetectorServer]:
    with DetectorServer() as detector:
        yield detector


@pytest.fixture
async def server(tmp_path: Path, detector: DetectorServer) -> AsyncIterator[Server]:
    server = Server(
        tmp_path / "server",
        SALON_AI_VOICE_MODEL=OPEN_INFERENCE_VOICE.name,
        SALON_AI_VOICE_OIP_URL=detector.url,
    )
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


async def test_the_host_is_warned_and_nobody_else(
    crew: Crew, detector: DetectorServer, pictures: Path, tmp_path: Path
) -> None:
    detector.score = 0.97
    file = speech_file(tmp_path / "speech.wav", sayings(1)[0])
    ada = await crew.chromium("Ada")
    bo = await crew.chromium("Bo", flags=(f"--use-file-for-fake-audio-capture={file}",))
    meeting_id = await ada.plan("A voice one does not know", enable_ai=True)
    for person in (ada, bo):
        await person.enter(meeting_id)
    await all_of(*(person.tab.click(test_id("camera-button")) for person in (ada, bo)))
    await ada.tab.click(test_id("captions-button"))
    await ada.tab.click(test_id("captions-switch"))
    await ada.tab.click(test_id("confirm-button"))

    await eventually(
        lambda: ada.tab.evaluate(BADGES), lambda count: count == 1, within_s=PATIENCE_S, what="a warning"
    )
    assert await bo.tab.evaluate(BADGES) == 0
    await ada.tab.click(test_id("voice-badge"))
    await ada.expect_text("Only hosts and moderators see this", within_s=10)
    await ada.tab.screenshot(pictures / "voice-warning.png")

    detector.score = 0.02
    await eventually(
        lambda: ada.tab.evaluate(BADGES), lambda count: count == 0, within_s=PATIENCE_S, what="its end"
    )
    assert await bo.tab.evaluate(BADGES) == 0
    kept = await ada.call("GET", f"/ai/transcripts/{meeting_id}/voices")
    assert [note["state"] for note in kept["notes"]] == ["suspicious", "ok"]
    assert {note["speaker"] for note in kept["notes"]} == {"Bo"}
