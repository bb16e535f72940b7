"""What administrators see of the models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.captions import final_lines, speak, spoken, switched_on
from support.people import Person
from support.server import Salon
from support.speech import programme
from support.stage import Stage

FIGURES = "/api/v1/admin/ai"

pytestmark = pytest.mark.timeout(300)


async def figures(admin: Person) -> dict[str, Any]:
    answer = await admin.request("GET", FIGURES)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def of(found: dict[str, Any], part: str, use: str) -> dict[str, Any]:
    (one,) = [each for each in found[part] if each["use"] == use]
    return dict(one)


async def test_the_figures_follow_what_is_said(make_salon: Any) -> None:
    salon: Salon = make_salon()
    admin = await Person.register_admin(salon, "admin")

    async def register(name: str) -> Person:
        return await Person.register(salon.url, name)

    before = await figures(admin)
    assert of(before, "models", "captions")["ready"] is True
    assert of(before, "models", "captions")["problem"] is None
    assert of(before, "pools", "captions")["done"] == 0
    assert of(before, "pools", "captions")["latency_p50_s"] is None
    assert before["captions"]["lines"] == before["captions"]["meetings"] == 0
    assert before["captions"]["lag_p95_s"] is None

    stage = Stage(register, settings={"enable_ai": True})
    try:
        ada = await stage.come("ada", "captions")
        microphone = await speak(ada)
        await switched_on(ada, stage.meeting_id)
        # Again and again: what is said while the models are being loaded is left out.
        microphone.play(programme(spoken(3), pause_s=1.5), loops=True)
        await final_lines(ada.tab, 2)
        after = await figures(admin)
    finally:
        await stage.close()
    pool, pace = of(after, "pools", "captions"), after["captions"]
    assert pace["meetings"] == 1
    assert pace["lines"] >= 2
    assert 0 < pace["lag_p50_s"] <= pace["lag_p95_s"]
    assert pool["workers"] >= 1
    assert pool["done"] >= 2
    assert pool["audio_s"] > 0
    assert pool["real_time_factor"] > 0
    assert 0 < pool["latency_p50_s"] <= pool["latency_p95_s"]
    assert of(after, "pools", "recordings")["done"] == 0
    await admin.close()


async def test_a_missing_model_is_named_with_what_to_do(make_salon: Any, tmp_path: Path) -> None:
    salon: Salon = make_salon(ai={"models_dir": tmp_path / "none"})
    admin = await Person.register_admin(salon, "admin")
    found = await figures(admin)
    for use in ("captions", "recordings"):
        model = of(found, "models", use)
        assert model["ready"] is False
        assert "salon models pull whisper-base" in model["problem"]
    await admin.close()


async def test_nobody_else_sees_them(salon: Salon) -> None:
    person = await Person.register(salon.url, "person")
    assert (await person.request("GET", FIGURES)).status_code == 403
    await person.close()
