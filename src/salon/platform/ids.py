"""Ids that the platform itself must name."""

from typing import NewType

from pydantic import BeforeValidator

MAX_WIRE_ID = 2**32 - 1
"""Ids on the wire are unsigned 32-bit numbers."""

MAX_ROW_ID = 2**31 - 1
"""What an integer key holds in every database: a larger id is well formed, and nobody's."""


def _check_digits(value: object) -> object:
    # Python and pydantic read "+1", "1.0" and "1_0" as numbers too.
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        raise ValueError("should be a whole number")
    return value


DIGITS = BeforeValidator(_check_digits)
"""In the annotation of an id in a path: decimal digits, or 400."""

UserId = NewType("UserId", int)
"""An account; positive. Belongs to the user service, named here because every caller carries one."""
