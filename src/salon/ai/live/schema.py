"""Shapes of the endpoints of live captions."""

from pydantic import StrictBool

from salon.platform.envelope import RequestModel


class CaptionsRequest(RequestModel):
    """Whether captions are to be made."""

    enabled: StrictBool
