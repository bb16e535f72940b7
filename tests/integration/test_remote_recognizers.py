"""Recognisers on other machines, asked over real sockets; and what is said when they do not answer."""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from support.people import Person
from support.server import Salon

from salon.ai.audio import Sound, decode
from salon.ai.backends import SileroActivity
from salon.ai.remote.client import RemoteFailed, RemoteRecognizer
from salon.ai.remote.oip import OipRecognizer
from salon.ai.remote.openai import OpenAiRecognizer
from salon.settings import AiSettings

pytestmark = pytest.mark.timeout(300)

PROMPT = Path("/usr/share/asterisk/sounds/en_US_f_Allison/all-circuits-busy-now.wav")
SERVER = Path(__file__).parents[1] / "support" / "foreign_recognizer.py"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    port = free_port()
    folder = str(AiSettings().resolved_models_dir)
    with subprocess.Popen([sys.executable, str(SERVER), folder, str(port)]) as process:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while True:
            try:
                httpx.get(f"{url}/v1/models", timeout=5)
            except httpx.TransportError:
                assert time.monotonic() < deadline
                assert process.poll() is None
            else:
                break
        yield url
        process.kill()


def openai(url: str, *, model: str = "whisper-1", key: str = "right") -> RemoteRecognizer:
    return OpenAiRecognizer(f"{url}/v1", model=model, key=key, activity=SileroActivity())


def oip(url: str, *, model: str = "speech") -> RemoteRecognizer:
    return OipRecognizer(url, model=model, key="", activity=SileroActivity())


def prompt() -> Sound:
    return decode(PROMPT.read_bytes(), "wav", rate_hz=0, channels=0)


@pytest.mark.parametrize("make", [openai, oip])
def test_a_server_recognises(server: str, make: Callable[[str], RemoteRecognizer]) -> None:
    recognizer = make(server)
    recognizer.load()
    heard = recognizer.recognize(prompt(), "")
    assert "circuits are busy" in heard.text.lower()
    assert heard.language == "en"
    assert 0.3 < heard.confidence <= 1


def test_silence_is_not_even_sent() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    for make in (openai, oip):
        assert make(nobody).recognize(np.zeros(32_000, np.float32), "en").text == ""


def test_a_server_that_does_not_answer_as_it_must_is_said_to() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    for make in (openai, oip):
        with pytest.raises(RemoteFailed, match="does not answer"):
            make(nobody).recognize(prompt(), "en")


def test_refusals_are_not_text(server: str) -> None:
    with pytest.raises(RemoteFailed, match="401"):
        openai(server, key="wrong").recognize(prompt(), "en")
    with pytest.raises(RemoteFailed, match="no text"):
        openai(server, model="broken").recognize(prompt(), "en")
    with pytest.raises(RemoteFailed, match="400"):
        oip(server, model="broken").recognize(prompt(), "en")
    with pytest.raises(RemoteFailed, match="404"):
        oip(server, model="broken").load()


@pytest.mark.parametrize("model", ["openai", "open-inference"])
async def test_the_service_asks_the_server_that_is_set_up(
    make_salon: Callable[..., Salon], server: str, model: str
) -> None:
    there = {"asr_model": model, "openai_url": f"{server}/v1", "openai_key": "right", "oip_url": server}
    nobody = f"http://127.0.0.1:{free_port()}"
    gone = there | {"openai_url": nobody, "oip_url": nobody}
    body = {"audio_data": base64.b64encode(PROMPT.read_bytes()).decode(), "format": "wav"}
    for settings, status in ((there, 200), (gone, 503)):
        person = await Person.register(make_salon(ai=settings).url, "far")
        answer = await person.request("POST", "/api/v1/ai/asr", json=body, timeout=100)
        assert answer.status_code == status, answer.text
        if status == 200:
            assert "circuits are busy" in answer.json()["data"]["text"].lower()
        await person.close()


def test_a_server_without_an_address_stops_the_start() -> None:
    with pytest.raises(ValueError, match="SALON_AI_OIP_URL"):
        AiSettings(asr_model="open-inference")
    with pytest.raises(ValueError, match="SALON_AI_OPENAI_URL"):
        AiSettings(asr_model="openai", openai_url="speech.example.org")
