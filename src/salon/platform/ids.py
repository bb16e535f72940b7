"""Ids that the platform itself must name."""

from typing import NewType

UserId = NewType("UserId", int)
"""An account; positive. Belongs to the user service, named here because every caller carries one."""
