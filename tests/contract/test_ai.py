"""Inference over the wire: what is recognised, what is not made up, and how it refuses."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from support.people import Person
from support.server import Salon
from support.sounds import as_base64, music, noise, wav
from support.wait import eventually

pytestmark = pytest.mark.timeout(300)

AI = "/api/v1/ai"
PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
MOODS = {"neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"}
CODECS = {"mp3": "libmp3lame", "ogg": "libopus", "flac": "flac", "m4a": "aac", "webm": "libopus"}
JUNK = as_base64(b"not a sound at all")


@pytest.fixture
async def person(salon: Salon) -> AsyncIterator[Person]:
    person = await Person.register(salon.url, "listener")
    yield person
    await person.close()


async def ask(person: Person, path: str, body: Any) -> dict[str, Any]:
    answer = await person.request("POST", f"{AI}/{path}", json=body, timeout=100)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def refusal(person: Person, path: str, body: Any) -> tuple[int, str]:
    answer = await person.request("POST", f"{AI}/{path}", json=body, timeout=100)
    return answer.status_code, answer.json()["message"]


def speech(name: str) -> str:
    return as_base64((PROMPTS / f"{name}.wav").read_bytes())


class TestRecognition:
    async def test_speech_becomes_text(self, person: Person) -> None:
        heard = await ask(person, "asr", {"audio_data": speech("all-circuits-busy-now"), "format": "WAV "})
        assert "circuits are busy" in heard["text"].lower()
        assert heard["transcription"] == heard["text"]
        assert heard["language"] == "en"
        assert 0 < heard["confidence"] <= 1
        assert heard["duration_ms"] >= 0

    @pytest.mark.parametrize(
        "content", [bytes(32_000 * 30), noise(30), music(30)], ids=["silence", "noise", "music"]
    )
    async def test_nothing_is_made_up(self, person: Person, content: bytes) -> None:
        heard = await ask(person, "asr", {"audio_data": as_base64(content), "format": "pcm"})
        assert (heard["text"], heard["confidence"]) == ("", 0)

    async def test_compressed_files_are_taken(self, person: Person, tmp_path: Path) -> None:
        for form, codec in (
            ("mp3", "libmp3lame"),
            ("ogg", "libopus"),
            ("flac", "flac"),
            ("m4a", "aac"),
            ("webm", "libopus"),
        ):
            out = tmp_path / f"speech.{form}"
            command = ["ffmpeg", "-loglevel", "error", "-i", str(PROMPTS / "all-circuits-busy-now.wav")]
            process = await asyncio.create_subprocess_exec(*command, "-c:a", codec, str(out))
            assert await process.wait() == 0
            heard = await ask(
                person, "asr", {"audio_data": as_base64(out.read_bytes()), "format": form, "language": "en"}
            )
            assert "busy" in heard["text"].lower(), form

    async def test_what_is_no_audio_is_refused(self, person: Person) -> None:
        for body, text in (
            ({"audio_data": JUNK}, "not a WAV"),
            ({"audio_data": JUNK, "format": "mp3"}, "cannot be decoded"),
            ({"audio_data": JUNK, "format": "midi"}, "not known"),
            ({"audio_data": as_base64(b"odd"), "format": "pcm"}, "whole samples"),
            ({"audio_data": as_base64(bytes(64)), "format": "pcm", "channels": 99}, "channels"),
            ({"audio_data": as_base64(bytes(64)), "format": "pcm", "sample_rate": 1}, "sample rate"),
            ({"audio_data": as_base64(wav(b""))}, "no sound"),
            ({"audio_data": "!!!"}, "base64"),
            ({"audio_data": ""}, "no audio"),
        ):
            status, message = await refusal(person, "asr", body)
            assert (status, text in message) == (400, True), (body, message)
        assert (await refusal(person, "asr", {}))[0] == 400

    async def test_only_members_may_ask(self, person: Person, salon: Salon) -> None:
        answer = await person.http.post(f"{AI}/emotion", json={"text": "hello"})
        assert answer.status_code in (401, 403)

    async def test_a_body_beyond_the_limit_is_refused(self, person: Person) -> None:
        answer = await person.request("POST", f"{AI}/asr", content=b"x" * (35 * 2**20 + 1))
        assert answer.status_code == 413


class TestMood:
    @pytest.mark.parametrize(
        ("text", "mood"),
        [
            ("Thank you, that was a wonderful idea!", "happy"),
            ("I am so sorry, we lost everything", "sad"),
            ("This is outrageous and completely unacceptable", "angry"),
            ("我今天很高兴，谢谢大家", "happy"),
            ("我很担心，这太危险了", "fear"),
            ("没想到，竟然是这样", "surprise"),
            ("The meeting is at ten", "neutral"),
            ("会议在十点开始", "neutral"),
        ],
    )
    async def test_of_a_text(self, person: Person, text: str, mood: str) -> None:
        found = await ask(person, "emotion", {"text": text})
        assert found["emotion"] == mood, found
        assert set(found["emotions"]) == MOODS
        assert sum(found["emotions"].values()) == pytest.approx(1)
        assert found["confidence"] == pytest.approx(found["emotions"][mood], abs=1e-3)

    async def test_of_what_is_said(self, person: Person) -> None:
        found = await ask(person, "emotion", {"audio_data": speech("auth-thankyou"), "text": "I hate this"})
        assert found["emotion"] == "happy"

    async def test_of_nothing_is_refused(self, person: Person) -> None:
        assert (await refusal(person, "emotion", {}))[0] == 400
        assert (await refusal(person, "emotion", {"text": "  "}))[0] == 400


async def test_there_is_no_detector_and_it_is_said_why(person: Person) -> None:
    status, message = await refusal(person, "synthesis", {"audio_data": as_base64(wav(bytes(3200)))})
    assert (status, "err too often" in message, "SALON_AI_VOICE_MODEL" in message) == (503, True, True)
    assert (await refusal(person, "synthesis", {"audio_data": "!"}))[0] == 400


async def test_setup_tells_of_each_model(person: Person) -> None:
    found = await ask(person, "setup", {"meeting_id": 7, "models": ["asr", "emotion", "synthesis", "taste"]})
    assert found["meeting_id"] == 7
    ready = {name: one["ready"] for name, one in found["models"].items()}
    assert ready == {"asr": True, "emotion": True, "synthesis": False, "taste": False}
    assert found["models"]["taste"]["error"]
    everything = await person.request("POST", f"{AI}/setup")
    assert set(everything.json()["data"]["models"]) == {"asr", "emotion", "synthesis"}


async def test_health_and_info(person: Person) -> None:
    health = (await person.http.get(f"{AI}/health")).json()["data"]
    assert (health["status"], health["service"]) == ("healthy", "ai-inference-service")
    info = (await person.http.get(f"{AI}/info")).json()["data"]
    assert info["capabilities"] == ["speech_recognition", "emotion_detection", "synthesis_detection"]
    # What can be asked, and what there is a model for, are two things.
    assert info["models"]["synthesis"] == "none"
    assert set(info["models"]) == {"asr", "emotion", "synthesis"}


class TestAnalyze:
    async def test_each_task_by_both_its_names(self, person: Person) -> None:
        ids = []
        for name in ("asr", "Speech_Recognition "):
            body = {
                "task_type": name,
                "input_data": as_base64(bytes(3200)),
                "params": {"format": "pcm", "sample_rate": "16000", "channels": 1},
            }
            found = await ask(person, "analyze", body)
            assert found["result"]["text"] == ""
            ids.append(found["task_id"])
        assert ids == sorted(set(ids))
        for body in (
            {"params": {"text": "how wonderful"}},
            {"input_data": base64.b64encode("太好了".encode()).decode()},
        ):
            found = await ask(person, "analyze", {"task_type": "emotion", **body})
            assert found["result"]["emotion"] == "happy"

    async def test_refusals(self, person: Person) -> None:
        for body in (
            {"task_type": "smell"},
            {},
            {"task_type": "emotion"},
            {"task_type": "emotion", "input_data": "!"},
            {"task_type": "asr", "input_data": "!"},
            {"task_type": "asr"},
        ):
            assert (await refusal(person, "analyze", body))[0] == 400, body
        assert (await refusal(person, "analyze", {"task_type": "synthesis", "input_data": JUNK}))[0] == 503


class TestBatch:
    async def test_one_that_fails_does_not_fail_the_others(self, person: Person) -> None:
        tasks = [
            {"task_id": "a", "type": "emotion", "data": {"text": "how wonderful"}},
            {"task_id": "b", "type": "asr", "data": {"audio_data": JUNK, "format": "wav"}},
            {"task_id": "c", "type": "smell", "data": {}},
            {"task_id": "d", "type": "emotion", "data": "text"},
            {"task_id": 5, "type": "asr", "data": {"audio_data": as_base64(bytes(3200)), "format": "pcm"}},
        ]
        found = await ask(person, "batch", {"tasks": tasks})
        assert found["total"] == 5
        assert [one["task_id"] for one in found["results"]] == ["a", "b", "c", "d", "5"]
        assert ["error" in one for one in found["results"]] == [False, True, True, True, False]
        assert found["results"][0]["result"]["emotion"] == "happy"

    async def test_thirty_two_at_most_and_none_is_none(self, person: Person) -> None:
        task = {"task_id": "x", "type": "emotion", "data": {"text": "x"}}
        assert (await ask(person, "batch", {"tasks": [task] * 32}))["total"] == 32
        assert (await refusal(person, "batch", {"tasks": [task] * 33}))[0] == 400
        assert (await ask(person, "batch", {})) == {"results": [], "total": 0}


async def test_a_missing_model_is_named_with_the_command(
    make_salon: Callable[..., Salon], tmp_path: Path
) -> None:
    own = make_salon(ai={"models_dir": tmp_path / "none"})
    person = await Person.register(own.url, "early")
    for method, path, body in (
        ("GET", "health", None),
        ("POST", "asr", {"audio_data": as_base64(bytes(3200)), "format": "pcm"}),
    ):
        answer = await person.request(method, f"{AI}/{path}", json=body)
        assert answer.status_code == 503
        assert "salon models pull whisper-base" in answer.json()["message"]
    assert (await ask(person, "emotion", {"text": "how wonderful"}))["emotion"] == "happy"
    await person.close()


async def test_a_closed_network_may_let_anybody_ask(make_salon: Callable[..., Salon]) -> None:
    own = make_salon(ai={"allow_anonymous": True})
    person = await Person.register(own.url, "any")
    person.http.cookies.clear()
    answer = await person.http.post(f"{AI}/emotion", json={"text": "how wonderful"})
    assert answer.status_code == 200, answer.text
    await person.close()


async def test_more_than_may_wait_are_told_to_come_back_and_a_killed_worker_fails_its_own(
    make_salon: Callable[..., Salon],
) -> None:
    own = make_salon(ai={"workers": 1, "waiting": 2})
    person = await Person.register(own.url, "many")
    body = {"audio_data": speech("all-circuits-busy-now"), "format": "wav", "language": "en"}

    def start(count: int) -> list[asyncio.Task[httpx.Response]]:
        asking = [person.request("POST", f"{AI}/asr", json=body, timeout=100) for _ in range(count)]
        return [asyncio.create_task(each) for each in asking]

    answers = await asyncio.gather(*start(6))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(200) >= 2
    assert set(statuses) == {200, 503}
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert int(refused.headers["retry-after"]) >= 1

    assert own.app is not None
    workers = own.app.state.ai.workers
    before = {child.pid for child in workers_of_this_process()}
    asked = start(2)

    async def working() -> bool:
        return bool(workers.queue_length == 1)

    await eventually(working, bool, within_s=20)
    for child in workers_of_this_process():
        child.kill()
    assert sorted([(await one).status_code for one in asked]) == [200, 503]
    assert workers.figures.restarts == 1
    assert {child.pid for child in workers_of_this_process()}.isdisjoint(before)
    await person.close()


def workers_of_this_process() -> list[psutil.Process]:
    """The processes that hold models."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "salon.ai.worker" in child.cmdline()]
