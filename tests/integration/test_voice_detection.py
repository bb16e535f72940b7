"""A detector of synthetic voices on another machine, asked over real sockets; and what is not made up."""

from __future__ import annotations

import base64
import io
import socket
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.detector_server import DetectorServer
from support.people import Person
from support.server import Salon
from support.sounds import as_base64, noise, wav
from support.speech import RATE_HZ, programme, prompts
from typer.testing import CliRunner

from salon.ai.catalog import OPEN_INFERENCE_VOICE
from salon.ai.detection.build import detector_of
from salon.ai.detection.detector import score_of
from salon.ai.model_store import ModelMissing, ModelStore
from salon.ai.recognizers import Remote
from salon.ai.remote.client import RemoteFailed
from salon.model_commands import app as commands
from salon.settings import AiSettings

pytestmark = pytest.mark.timeout(300)

AI = "/api/v1/ai"


@pytest.fixture
def detector() -> Iterator[DetectorServer]:
    with DetectorServer() as server:
        yield server


def spoken(seconds: float) -> str:
    """So much of what people say one after the other, as a WAV file in base64."""
    chosen = sorted(prompts().values(), key=lambda one: one.name)[:12]
    pcm = programme(chosen, pause_s=0.2)[: int(seconds * RATE_HZ)]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        out.writeframes(pcm.tobytes())
    return base64.b64encode(file.getvalue()).decode()


async def asked(person: Person, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    answer = await person.request("POST", f"{AI}/{path}", json=body, timeout=100)
    return answer.status_code, answer.json()


class TestOverHttp:
    async def test_what_the_detector_says_is_answered(
        self, make_salon: Callable[..., Salon], detector: DetectorServer
    ) -> None:
        person = await Person.register(make_salon(ai=detector.settings).url, "listener")
        for score, verdict, confidence in ((0.93, True, 0.93), (0.5, False, 0.5), (0.2, False, 0.8)):
            detector.score = score
            status, answer = await asked(person, "synthesis", {"audio_data": spoken(7)})
            assert status == 200, answer
            said = answer["data"]
            assert (said["is_synthetic"], said["score"]) == (verdict, pytest.approx(score))
            assert said["confidence"] == pytest.approx(confidence)
            assert said["duration_ms"] >= 0
        # Longer sound is heard in windows, and only where somebody speaks.
        detector.heard_s.clear()
        status, _ = await asked(person, "synthesis", {"audio_data": spoken(30)})
        assert status == 200
        assert len(detector.heard_s) >= 3
        assert all(4 <= seconds <= 8 for seconds in detector.heard_s)
        assert sum(detector.heard_s) <= 30
        await person.close()

    async def test_the_other_ways_to_ask_answer_too(
        self, make_salon: Callable[..., Salon], detector: DetectorServer
    ) -> None:
        person = await Person.register(make_salon(ai=detector.settings).url, "listener")
        detector.score = 0.75
        body = {"task_type": "synthesis_detection", "input_data": spoken(6), "params": {"format": "wav"}}
        assert (await asked(person, "analyze", body))[1]["data"]["result"]["is_synthetic"] is True
        tasks = [
            {"task_id": "a", "type": "synthesis", "data": {"audio_data": spoken(6)}},
            {"task_id": "b", "type": "synthesis", "data": {"audio_data": as_base64(wav(bytes(32_000)))}},
        ]
        good, bad = (await asked(person, "batch", {"tasks": tasks}))[1]["data"]["results"]
        assert good["result"]["score"] == pytest.approx(0.75)
        assert "0.0 s of speech" in bad["error"]

        ready = (await asked(person, "setup", {}))[1]["data"]["models"]["synthesis"]
        assert ready == {"model_name": "open-inference-voice", "ready": True}
        info = (await person.request("GET", f"{AI}/info")).json()["data"]
        assert info["models"]["synthesis"] == "open-inference-voice"
        assert "synthesis_detection" in info["capabilities"]
        admin = await person.request("GET", f"{AI}/captions/{await person.create_meeting()}/voices")
        assert admin.json()["data"] == {"detector": "open-inference-voice", "voices": []}
        await person.close()

    async def test_too_little_speech_and_no_sound_are_refused(
        self, make_salon: Callable[..., Salon], detector: DetectorServer
    ) -> None:
        person = await Person.register(make_salon(ai=detector.settings).url, "listener")
        for sound in (spoken(2), as_base64(wav(bytes(320_000))), as_base64(wav(noise(10)))):
            status, answer = await asked(person, "synthesis", {"audio_data": sound})
            assert status == 400, answer
            assert "s of speech; at least 3 s are needed." in answer["message"]
        assert detector.heard_s == []
        for body in (
            {"audio_data": "!"},
            {"audio_data": as_base64(b"no sound at all")},
            {"audio_data": spoken(5), "format": "aiff"},
            {"audio_data": as_base64(bytes(3)), "format": "pcm"},
            {},
        ):
            assert (await asked(person, "synthesis", body))[0] == 400, body
        await person.close()

    async def test_a_detector_that_does_not_answer_as_it_must_is_no_verdict(
        self, make_salon: Callable[..., Salon], detector: DetectorServer
    ) -> None:
        person = await Person.register(make_salon(ai=detector.settings).url, "listener")
        for broken in ("high", None, 1.5, -0.1, True, float("nan")):
            detector.score = broken
            status, answer = await asked(person, "synthesis", {"audio_data": spoken(5)})
            assert status == 503, (broken, answer)
        detector.score, detector.status = 0.9, 500
        assert (await asked(person, "synthesis", {"audio_data": spoken(5)}))[0] == 503
        detector.status = 200
        assert (await asked(person, "synthesis", {"audio_data": spoken(5)}))[0] == 200
        await person.close()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class TestTheDetector:
    def test_it_loads_scores_and_says_what_is_wrong(self, detector: DetectorServer, tmp_path: Path) -> None:
        store, name = ModelStore(tmp_path), OPEN_INFERENCE_VOICE.name
        there = detector_of(
            store, name, remote=Remote(voice_oip_url=detector.url + "/", voice_oip_model="voice")
        )
        there.load()
        detector.score = 0.25
        assert score_of(there, np.full(16_000 * 20, 0.1, np.float32)) == pytest.approx(0.25)
        assert detector.heard_s == pytest.approx([20 / 3] * 3, abs=0.01)
        other = detector_of(store, name, remote=Remote(voice_oip_url=detector.url, voice_oip_model="other"))
        with pytest.raises(RemoteFailed, match="404"):
            other.load()
        url = f"http://127.0.0.1:{free_port()}"
        nobody = detector_of(store, name, remote=Remote(voice_oip_url=url, voice_oip_model="voice"))
        with pytest.raises(RemoteFailed, match="does not answer"):
            nobody.score(np.zeros(64_000, np.float32))

    def test_without_an_address_or_of_another_kind_there_is_none(self, tmp_path: Path) -> None:
        store = ModelStore(tmp_path)
        with pytest.raises(RemoteFailed, match="SALON_AI_VOICE_OIP_URL"):
            detector_of(store, OPEN_INFERENCE_VOICE.name)
        for name in ("open-inference", "whisper-base", "none"):
            with pytest.raises(ModelMissing):
                detector_of(store, name)


class TestSettings:
    def test_a_server_without_an_address_stops_the_start(self) -> None:
        with pytest.raises(ValueError, match="SALON_AI_VOICE_OIP_URL"):
            AiSettings(voice_model="open-inference-voice")

    @pytest.mark.parametrize(
        ("setting", "model"),
        [
            ("voice_model", "whisper-base"),
            ("voice_model", "none"),
            ("asr_model", "open-inference-voice"),
            ("caption_model", "open-inference-voice"),
        ],
    )
    def test_a_model_of_another_kind_stops_the_start(
        self, make_salon: Callable[..., Salon], setting: str, model: str
    ) -> None:
        there = {"voice_oip_url": "http://127.0.0.1:1"}
        with pytest.raises(ValueError, match=f"SALON_AI_{setting.upper()}={model} .* choose one of"):
            make_salon(ai={setting: model, **there})

    def test_it_is_listed_and_not_measured_as_if_it_recognised_speech(self) -> None:
        listed = CliRunner().invoke(commands, ["list"], env={"COLUMNS": "250"})
        assert "open-inference-voice" in listed.output
        measured = CliRunner().invoke(commands, ["bench", "open-inference-voice"])
        assert measured.exit_code == 2
