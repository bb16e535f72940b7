"""How well voices are told apart: each clip of the prompts held against every other one.

One speaker for each language, so a different speaker is always a different language too: an easier task than
two people of one language, and the figure is to be read so.
"""

import time
from collections.abc import Callable
from itertools import combinations

import numpy as np

from salon.ai.audio import RATE_HZ
from salon.ai.bench import corpora
from salon.ai.bench.rates import equal_errors
from salon.ai.bench.report import VoiceFigures
from salon.ai.catalog import CATALOG
from salon.ai.model_store import ModelStore
from salon.ai.recognizers import embedder_of

CLIPS = 40
"""Of each speaker."""
SHORTEST_S, LONGEST_S = 2.0, 8.0
SOURCE = "the prompts of recognition: each speaker has a language of their own"


class OneVoice(Exception):
    """There are not two speakers on this machine."""

    def __init__(self) -> None:
        super().__init__("voices: there is one speaker only; apt-get install asterisk-core-sounds-fr-wav")


def measure_voices(
    store: ModelStore,
    model: str,
    languages: list[str],
    limit: int | None,
    on_progress: Callable[[int, int], None],
) -> VoiceFigures:
    """The figures of one model.

    Raises:
        OneVoice: see there.
    """
    clips = [
        (language, clip)
        for language in languages
        if language in corpora.LANGUAGES
        for clip in _clips(language, limit)
    ]
    if len({language for language, _ in clips}) < 2:
        raise OneVoice
    embedder = embedder_of(store, model, threads=1)
    embedder.load()
    vectors, seconds, cpu = [], 0.0, 0.0
    for done, (_, clip) in enumerate(clips, 1):
        sound = clip.sound()
        began = time.process_time()
        vectors.append(embedder.embed(sound))
        cpu += time.process_time() - began
        seconds += sound.size / RATE_HZ
        on_progress(done, len(clips))
    likeness = np.stack(vectors) @ np.stack(vectors).T
    same: list[float] = []
    different: list[float] = []
    for one, other in combinations(range(len(clips)), 2):
        kind = same if clips[one][0] == clips[other][0] else different
        kind.append(float(likeness[one, other]))
    rate, threshold = equal_errors(same, different)
    return VoiceFigures(
        model=model,
        licence=CATALOG[model].licence,
        speakers=len({language for language, _ in clips}),
        clips=len(clips),
        pairs=len(same) + len(different),
        equal_error_rate=round(rate, 4),
        threshold=round(threshold, 3),
        cpu_real_time_factor=round(cpu / seconds, 4),
    )


def _clips(language: str, limit: int | None) -> list[corpora.Clip]:
    able = [clip for clip in corpora.clips_of(language) if SHORTEST_S <= clip.seconds <= LONGEST_S]
    most = min(limit or CLIPS, CLIPS, len(able))
    return [able[at * len(able) // most] for at in range(most)]
