"""How often a detector of synthetic voices errs, on engines and people it never met, also after Opus."""

from collections.abc import Callable, Sequence
from typing import Final

from salon.ai.backends import SileroActivity
from salon.ai.bench.made import (
    ENGINES,
    OPUS_BITS,
    PIECE_S,
    TOP_HZ,
    Piece,
    by_machines,
    by_people,
    through_opus,
)
from salon.ai.bench.rates import equal_errors
from salon.ai.bench.report import DetectorFigures, EngineFigures
from salon.ai.catalog import CATALOG
from salon.ai.detection.build import detector_of
from salon.ai.detection.detector import SyntheticVoiceDetector
from salon.ai.live.hysteresis import RAISE
from salon.ai.model_store import ModelStore

BAR: Final = 0.15
"""An equal error rate above this is too high to warn people by it."""
PIECES: Final = 25
"""Of each voice."""
SOURCE: Final = (
    f"people: the prompts of recognition; machines: {', '.join(one.name for one in ENGINES)} reading the "
    f"English ones; pieces of {PIECE_S:g} s of speech, all below {TOP_HZ} Hz at one level, before and after "
    f"Opus at {OPUS_BITS // 1000} kbit/s. No detector of the catalogue met these engines or speakers before"
)


class NoEngine(Exception):
    """No synthesiser is on this machine."""

    def __init__(self) -> None:
        packages = " ".join(one.package for one in ENGINES)
        super().__init__(f"synthetic voices: nothing here makes any; apt-get install {packages}")


def measure_detector(
    store: ModelStore,
    model: str,
    languages: Sequence[str],
    limit: int | None,
    on_progress: Callable[[int, int], None],
) -> DetectorFigures:
    """The figures of one detector.

    Raises:
        NoEngine: see there.
    """
    most, activity = min(limit or PIECES, PIECES), SileroActivity()
    made = {engine.name: list(by_machines(engine, most, activity)) for engine in ENGINES}
    made = {name: pieces for name, pieces in made.items() if pieces}
    if not made:
        raise NoEngine
    people = list(by_people(languages, most, activity))
    total = len(people) + sum(len(pieces) for pieces in made.values())
    scores = _Scores(detector_of(store, model), lambda done: on_progress(done, total))
    humans = [scores.of(piece) for piece in people]
    machines = {name: [scores.of(piece) for piece in pieces] for name, pieces in made.items()}
    every = [pair for pairs in machines.values() for pair in pairs]
    before, after = (equal_errors([one[at] for one in every], [one[at] for one in humans]) for at in (0, 1))
    return DetectorFigures(
        model=model,
        licence=CATALOG[model].licence,
        pieces_of_people=len(humans),
        speakers=len({piece.voice for piece in people}),
        engines=[_figures(name, pairs, humans) for name, pairs in machines.items()],
        equal_error_rate=round(before.rate, 4),
        equal_error_rate_after_opus=round(after.rate, 4),
        raised=RAISE,
        people_raised=round(sum(one[1] >= RAISE for one in humans) / len(humans), 4),
        machines_raised=round(sum(one[1] >= RAISE for one in every) / len(every), 4),
        is_good_enough=after.rate <= BAR,
    )


def _figures(
    engine: str, pairs: list[tuple[float, float]], humans: list[tuple[float, float]]
) -> EngineFigures:
    before, after = (equal_errors([one[at] for one in pairs], [one[at] for one in humans]) for at in (0, 1))
    return EngineFigures(
        engine=engine,
        pieces=len(pairs),
        equal_error_rate=round(before.rate, 4),
        equal_error_rate_after_opus=round(after.rate, 4),
    )


class _Scores:
    def __init__(self, detector: SyntheticVoiceDetector, on_progress: Callable[[int], None]) -> None:
        self._detector, self._on_progress, self._done = detector, on_progress, 0

    def of(self, piece: Piece) -> tuple[float, float]:
        """Before and after Opus."""
        found = self._detector.score(piece.sound), self._detector.score(through_opus(piece.sound))
        self._done += 1
        self._on_progress(self._done)
        return found
