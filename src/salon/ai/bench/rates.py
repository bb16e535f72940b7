"""Rates of errors of what says yes or no by a threshold."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class EqualErrors(NamedTuple):
    """Where as many of the one kind are missed as of the other taken for it."""

    rate: float
    threshold: float


def equal_errors(
    wanted: Sequence[float] | NDArray[np.floating], others: Sequence[float] | NDArray[np.floating]
) -> EqualErrors:
    """The equal error rate of scores that are to be high for what is wanted and low for others.

    Raises:
        ValueError: there are none of one kind.
    """
    high, low = np.sort(np.asarray(wanted, np.float64)), np.sort(np.asarray(others, np.float64))
    if not high.size or not low.size:
        raise ValueError("There must be scores of both kinds.")
    thresholds = np.unique(np.concatenate([high, low]))
    missed = np.searchsorted(high, thresholds) / high.size
    taken = 1 - np.searchsorted(low, thresholds) / low.size
    at = int(np.argmin(np.abs(missed - taken)))
    return EqualErrors(float((missed[at] + taken[at]) / 2), float(thresholds[at]))
