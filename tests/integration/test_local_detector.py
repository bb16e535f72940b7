"""The detector that Salon brings: off unless chosen; then it tells machines from people it never met."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.people import Person
from support.server import Salon
from support.sounds import as_base64, wav

from salon.ai.backends import SileroActivity
from salon.ai.bench.made import ENGINES, Piece, by_machines, by_people, through_opus
from salon.ai.bench.rates import equal_errors
from salon.ai.catalog import WHISPER_VOICES
from salon.ai.detection.build import detector_of
from salon.ai.model_store import ModelStore
from salon.settings import AiSettings

pytestmark = pytest.mark.timeout(300)

PIECES = 8


@pytest.fixture(scope="module")
def pieces() -> tuple[list[Piece], list[Piece]]:
    activity = SileroActivity()
    flite = next(engine for engine in ENGINES if engine.name == "flite")
    machine = [piece for piece in by_machines(flite, PIECES, activity) if piece.voice == "slt"]
    people = list(by_people(["en", "it"], PIECES // 2, activity))
    assert (len(machine), len(people)) == (PIECES, PIECES)
    return machine, people


def test_a_machine_is_told_from_people_after_opus(pieces: tuple[list[Piece], list[Piece]]) -> None:
    detector = detector_of(ModelStore(AiSettings().resolved_models_dir), WHISPER_VOICES.name)
    machine, people = ([detector.score(through_opus(piece.sound)) for piece in kind] for kind in pieces)
    assert all(0 <= score <= 1 for score in machine + people)
    # Far better than chance; how good it is exactly, the bench tells.
    assert equal_errors(machine, people).rate <= 0.3


async def test_it_answers_where_it_is_chosen(
    make_salon: Callable[..., Salon], pieces: tuple[list[Piece], list[Piece]]
) -> None:
    person = await Person.register(make_salon(ai={"voice_model": WHISPER_VOICES.name}).url, "listener")
    info = (await person.http.get("/api/v1/ai/info")).json()["data"]
    assert info["models"]["synthesis"] == WHISPER_VOICES.name
    sound = (pieces[0][0].sound * 32767).astype("<i2").tobytes()
    body = {"audio_data": as_base64(wav(sound))}
    answer = await person.request("POST", "/api/v1/ai/synthesis", body, timeout=100)
    assert answer.status_code == 200, answer.text
    said = answer.json()["data"]
    assert said["is_synthetic"] is (said["score"] > 0.5)
    assert said["confidence"] == pytest.approx(max(said["score"], 1 - said["score"]), abs=1e-3)
    short = await person.request("POST", "/api/v1/ai/synthesis", {"audio_data": as_base64(wav(bytes(32000)))})
    assert (short.status_code, "at least 3 s" in short.json()["message"]) == (400, True)
    await person.close()
