"""A voice is told by how it sounds: the same speaker is nearer to themselves than to another."""

from __future__ import annotations

import numpy as np
import pytest

from salon.ai.audio import RATE_HZ, BadAudio, Sound
from salon.ai.bench import corpora
from salon.ai.bench.rates import equal_errors
from salon.ai.catalog import D_VECTOR
from salon.ai.model_store import ModelStore, Sources
from salon.ai.recognizers import embedder_of
from salon.ai.speakers import LEAST_S, SpeakerEmbedder
from salon.settings import AiSettings


@pytest.fixture(scope="module")
def embedder() -> SpeakerEmbedder:
    store = ModelStore(AiSettings().resolved_models_dir)
    if not store.has(D_VECTOR.name):
        # It is not among the models that a server has from the start.
        store.pull(D_VECTOR.name, Sources(), lambda *_: None)
    found = embedder_of(store, D_VECTOR.name, threads=1)
    found.load()
    return found


def clips(language: str, count: int) -> list[Sound]:
    able = [clip for clip in corpora.clips_of(language) if 2 <= clip.seconds <= 8]
    return [clip.sound() for clip in able[:: len(able) // count][:count]]


@pytest.mark.timeout(180)
def test_a_speaker_is_nearest_to_themselves(embedder: SpeakerEmbedder) -> None:
    people = {name: np.stack([embedder.embed(one) for one in clips(name, 12)]) for name in ("en", "it")}
    for vectors in people.values():
        assert vectors.shape == (12, 256)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-4)
    same = [float(one @ other) for own in people.values() for at, one in enumerate(own) for other in own[:at]]
    different = (people["en"] @ people["it"].T).ravel()
    assert equal_errors(same, different).rate < 0.1


def test_too_little_speech_tells_no_voice(embedder: SpeakerEmbedder) -> None:
    with pytest.raises(BadAudio, match="at least"):
        embedder.embed(np.zeros(int(LEAST_S * RATE_HZ) - 1, np.float32))
