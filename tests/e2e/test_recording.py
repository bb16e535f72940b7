"""A call is recorded: everybody is told, and what was recorded can be found and played."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import Crew
from harness.person import Person
from harness.tab import Tab, role, test_id
from harness.wait import eventually

BADGE = """() => document.querySelector('[data-testid="recording-badge"]')?.innerText ?? "" """
CARDS = """() => [...document.querySelectorAll('[data-testid="recording"]')]
  .map((card) => card.dataset.standing)"""
PLAYER = """() => {
  const player = document.querySelector('[data-testid="player"]');
  const media = [...(player?.querySelectorAll("video, audio") ?? [])];
  return {
    source: player?.dataset.source ?? "",
    times: media.map((one) => one.currentTime),
    pictures: media.filter((one) => one.videoWidth > 0).length,
    errors: media.filter((one) => one.error !== null).length,
    shown: document.querySelector('[data-testid="player-time"]')?.innerText ?? "",
  };
}"""
SPEAK_CHINESE = """() => localStorage.setItem("salon.language", "zh-CN")"""
OVERFLOW_PX = "() => document.documentElement.scrollWidth - window.innerWidth"


async def start_recording(host: Person, pictures: Path | None = None) -> None:
    """From the host's menu to the badge."""
    await host.tab.click(test_id("people-button"))
    await host.tab.click(test_id("host-menu"))
    await host.tab.click(role("menuitem", "Start recording"))
    await host.expect_text("Everybody will be told")
    if pictures is not None:
        await host.tab.screenshot(pictures / "recording-confirm.png")
    await host.tab.click(test_id("confirm-button"))
    await expect_badge(host.tab)


async def stop_recording(host: Person) -> None:
    """From the host's menu to the end of the badge."""
    await host.tab.click(test_id("host-menu"))
    await host.tab.click(role("menuitem", "Stop recording"))
    await host.tab.click(test_id("confirm-button"))
    await eventually(
        lambda: host.tab.evaluate(BADGE),
        lambda text: text == "",
        within_s=20,
        what="the badge goes when the recording has stopped",
    )


async def expect_badge(tab: Tab) -> None:
    await eventually(
        lambda: tab.evaluate(BADGE),
        lambda text: "REC" in str(text),
        within_s=20,
        what="the badge says that the call is recorded",
    )


async def test_everybody_is_told_and_the_recording_plays(crew: Crew, pictures: Path) -> None:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.plan("For the record")
    await ada.enter(meeting_id)
    await bo.enter(meeting_id)
    await ada.expect_seen_and_heard({"Bo"})
    await start_recording(ada, pictures)
    await ada.expect_text("Everybody has been told")
    await bo.expect_text("This meeting is being recorded by")
    await bo.tab.screenshot(pictures / "recording-notice.png")
    await bo.tab.click(test_id("recording-understood"))
    await expect_badge(bo.tab)

    # Whoever comes later is told too, and the others are not told twice.
    cy = await crew.chromium("Cy")
    await cy.tab.evaluate(SPEAK_CHINESE)
    await cy.enter(meeting_id)
    await cy.expect_text("正在录制这场会议")
    await cy.tab.screenshot(pictures / "recording-notice-zh.png")
    assert "Understood" not in str(await bo.tab.evaluate("() => document.body.innerText"))
    await cy.tab.click(test_id("recording-leave"))
    await cy.expect_left()

    # Long enough for some seconds of everybody to be on disk.
    await ada.expect_seen_and_heard({"Bo"})
    await stop_recording(ada)
    await bo.expect_text("The recording has stopped")
    await ada.tab.click(test_id("leave-button"))

    await ada.tab.goto(f"{ada.server.url}/recordings")
    await eventually(
        lambda: ada.tab.evaluate(CARDS),
        lambda standings: standings in (["finishing"], ["ready"]),
        within_s=60,
        what="the recording is among mine",
    )
    await ada.tab.screenshot(pictures / "recordings.png")
    await ada.tab.click(role("link", "Play For the record"))
    await expect_playing(ada.tab, pictures / "player.png")
    await ada.expect_text("Bo joined")
    await ada.tab.evaluate("() => window.scrollTo(0, 0)")
    await ada.tab.screenshot(pictures / "player-top.png")

    # The film follows, and is what plays from then on.
    await eventually(
        lambda: ada.tab.evaluate("() => document.body.innerText"),
        lambda text: "The film is ready." in str(text),
        within_s=120,
        what="the film is finished",
    )
    await ada.tab.evaluate(SPEAK_CHINESE)
    await ada.tab.resize(390, 844)
    await ada.tab.goto(str(await ada.tab.evaluate("() => location.href")))
    await expect_playing(ada.tab, pictures / "player-phone-zh.png")
    assert (await ada.tab.evaluate(PLAYER))["source"] == "film"
    assert await ada.tab.evaluate(OVERFLOW_PX) <= 0
    await ada.tab.goto(f"{ada.server.url}/recordings")
    await ada.expect_text("For the record")
    await ada.tab.screenshot(pictures / "recordings-done-phone-zh.png")


async def expect_playing(tab: Tab, picture: Path) -> None:
    """Press play until the time of sound and picture goes on."""
    state = await eventually(
        lambda: tab.evaluate(PLAYER),
        lambda found: found["source"] != "" and found["pictures"] > 0,
        within_s=60,
        what="the player has loaded a picture",
    )
    assert state["errors"] == 0, json.dumps(state)
    await tab.click(test_id("play-button"))
    before = max(state["times"])
    state = await eventually(
        lambda: tab.evaluate(PLAYER),
        lambda found: max(found["times"]) > before + 1.0,
        within_s=30,
        what="the time of the playing media goes on",
    )
    await tab.screenshot(picture)
    assert state["errors"] == 0, json.dumps(state)


async def test_a_participant_cannot_start_and_a_recording_can_be_deleted(crew: Crew) -> None:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.plan("Short")
    await ada.enter(meeting_id)
    await bo.enter(meeting_id)
    await ada.expect_seen_and_heard({"Bo"})
    await bo.tab.click(test_id("people-button"))
    has_menu = """() => document.querySelector('[data-testid="host-menu"]') !== null"""
    assert await bo.tab.evaluate(has_menu) is False
    await start_recording(ada)
    await bo.tab.click(test_id("recording-understood"))
    await stop_recording(ada)
    await ada.tab.goto(f"{ada.server.url}/recordings")
    await ada.tab.click(role("button", "Delete Short"))
    await ada.expect_text("lost for everybody, for good")
    await ada.tab.click(test_id("confirm-button"))
    await ada.expect_text("No recordings yet")


async def test_the_pages_fit_on_a_phone(crew: Crew, pictures: Path) -> None:
    ada = await crew.chromium("Ada")
    await ada.tab.evaluate(SPEAK_CHINESE)
    await ada.tab.resize(390, 844)
    for path, text in (("recordings", "还没有录制"), ("library", "这里还没有文件")):
        await ada.tab.goto(f"{ada.server.url}/{path}")
        await ada.expect_text(text)
        await ada.tab.screenshot(pictures / f"{path}-phone-zh.png")
        assert await ada.tab.evaluate(OVERFLOW_PX) <= 0
