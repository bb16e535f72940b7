"""The equal error rate, on scores whose errors can be counted by hand."""

from __future__ import annotations

import pytest

from salon.ai.bench.rates import equal_errors


@pytest.mark.parametrize(
    ("wanted", "others", "rate"),
    [
        ([0.8, 0.9], [0.1, 0.2], 0.0),
        ([0.1, 0.2], [0.8, 0.9], 1.0),
        ([0.4, 0.6, 0.7, 0.9], [0.1, 0.2, 0.3, 0.5], 0.25),
        ([0.5] * 4, [0.5] * 4, 0.5),
    ],
)
def test_as_many_are_missed_as_are_taken(wanted: list[float], others: list[float], rate: float) -> None:
    assert equal_errors(wanted, others).rate == pytest.approx(rate)


def test_there_must_be_both_kinds() -> None:
    with pytest.raises(ValueError, match="both"):
        equal_errors([], [0.5])
