"""Phrases of several rooms that wait for one worker are read together, and none suffers for another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import psutil
import pytest
from support.captions import spoken
from support.speech import Prompt, missed
from support.wait import eventually

from salon.ai.audio import RATE_HZ, Samples
from salon.ai.catalog import defaults
from salon.ai.live.phrases import Hints, WhisperPhrases
from salon.ai.live.reader import Reader
from salon.ai.live.reading import Reading
from salon.ai.live.segmenter import Phrase
from salon.ai.live.voices import VoiceKey
from salon.ai.workers import Workers
from salon.settings import AiSettings

MODEL = defaults()[0].name
FOLDER = AiSettings().resolved_models_dir


def processes() -> list[psutil.Process]:
    """Processes of this one that hold models."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "salon.ai.worker" in child.cmdline()]


def samples(prompt: Prompt) -> Samples:
    """At the models' rate."""
    return prompt.pcm[:: prompt.pcm.size // (prompt.pcm.size * RATE_HZ // 48_000)]


def phrase_of(prompt: Prompt) -> Phrase:
    pcm = samples(prompt)
    ended_us = int(time.time() * 1e6)
    return Phrase(1, "final", ended_us - pcm.size * 1_000_000 // RATE_HZ, ended_us, pcm)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    workers = Workers(FOLDER, count=1)
    yield workers
    await workers.close()


@pytest.fixture
async def reader(workers: Workers) -> AsyncIterator[Reader]:
    reader = Reader(workers, model=MODEL, languages=("en",), now=time.time)
    reader.start()
    yield reader
    await reader.close()


async def readings(reader: Reader, count: int) -> dict[VoiceKey, Reading]:
    found: dict[VoiceKey, Reading] = {}
    async with asyncio.timeout(90):
        async for reading in reader.readings():
            found[reading.key] = reading
            if len(found) == count:
                break
    return found


def said_by(count: int) -> list[tuple[VoiceKey, Prompt]]:
    """Voices, and what each says."""
    return list(zip(keys(count), spoken(count), strict=True))


def keys(count: int) -> list[VoiceKey]:
    """Voices of two rooms in turns."""
    return [VoiceKey(f"room {number % 2}", f"speaker {number}", "microphone") for number in range(count)]


@pytest.mark.timeout(180)
async def test_phrases_of_two_rooms_are_read_together_each_for_its_speaker(
    workers: Workers, reader: Reader
) -> None:
    said = dict(said_by(5))
    for key, prompt in said.items():
        assert reader.put(key, phrase_of(prompt)) == []
    found = await readings(reader, len(said))
    for key, prompt in said.items():
        assert found[key].outcome == "read"
        assert missed(prompt.text, found[key].text) < 0.5, (prompt.text, found[key].text)
    assert workers.figures.done < len(said)


@pytest.mark.timeout(180)
async def test_a_worker_that_falls_over_several_reads_each_of_them_again(
    workers: Workers, reader: Reader
) -> None:
    others = set(processes())
    said = dict(said_by(4))
    for key, prompt in said.items():
        reader.put(key, phrase_of(prompt))

    async def own() -> set[psutil.Process]:
        return set(processes()) - others

    for process in await eventually(own, bool, within_s=30):
        process.kill()
    found = await readings(reader, len(said))
    assert workers.figures.restarts == 1
    assert [found[key].outcome for key in said] == ["read"] * len(said)


@pytest.mark.timeout(180)
async def test_what_is_said_while_the_models_are_loaded_waits_for_them_and_is_read() -> None:
    workers = Workers(FOLDER, count=2)
    reader = Reader(workers, model=MODEL, languages=("en",), now=time.time)
    reader.start()
    try:
        reader.warm_up()
        said = dict(said_by(3))
        for key, prompt in said.items():
            assert reader.put(key, phrase_of(prompt)) == []
        found = await readings(reader, len(said))
        assert [found[key].outcome for key in said] == ["read"] * len(said)
    finally:
        await reader.close()


@pytest.mark.timeout(60)
async def test_what_comes_in_the_moment_of_the_end_holds_nothing_up() -> None:
    others = processes()
    workers = Workers(FOLDER, count=2)
    reader = Reader(workers, model=MODEL, languages=("en",), now=time.time)
    reader.start()
    partials = [(key, replace(phrase_of(prompt), state="partial")) for key, prompt in said_by(3)]
    # One is read, and the next has to wait, for the second worker is kept free.
    for key, phrase in partials[:2]:
        reader.put(key, phrase)

    async def busy() -> int:
        return workers.busy

    await eventually(busy, lambda count: count == 1, within_s=20)
    reader.put(*partials[2])
    await asyncio.wait_for(reader.close(), 20)
    # Nobody reads any more, and no process is left.
    assert workers.busy == 0
    assert not [process for process in processes() if process not in others]


@pytest.mark.timeout(180)
def test_together_is_as_alone() -> None:
    model = WhisperPhrases(FOLDER / MODEL, threads=1)
    hints = Hints("", ("en",), is_over=True)
    phrases = [
        (samples(prompt).astype(np.float32) / np.float32(32768), hints) for prompt in spoken(6, offset=2)
    ]
    together = model.recognize_many(phrases)
    alone = [model.recognize(*each) for each in phrases]
    assert [one.text for one in together] == [one.text for one in alone]
    assert [len(one.words) for one in together] == [len(one.words) for one in alone]
    assert all(one.words for one in together)
