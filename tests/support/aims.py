"""How soon things happen, beside how soon they should.

A test that fails because the machine is busy says nothing about Salon, so a figure beyond its aim is only
printed. With ``SALON_HOLD_AIMS=1`` it fails: ``make bench-call`` sets it, for a machine left alone.
"""

from __future__ import annotations

import os


def hold(what: str, value_s: float, *, aim_s: float) -> None:
    """Print a figure in seconds beside its aim.

    Raises:
        AssertionError: it is beyond the aim, and aims are to be held.
    """
    verdict = "" if value_s <= aim_s else ", BEYOND THE AIM"
    print(f"{what}: {value_s:.2f} s (aim {aim_s:g} s{verdict})")
    assert value_s <= aim_s or not os.environ.get("SALON_HOLD_AIMS"), f"{what}: {value_s:.2f} s"
