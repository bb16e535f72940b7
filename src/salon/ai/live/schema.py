"""Shapes of the endpoints of live captions."""

from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from salon.ai.live.voice_watch import SpeakerVoice
from salon.platform.envelope import RequestModel


class CaptionsRequest(RequestModel):
    """Whether captions are to be made."""

    enabled: StrictBool


class SpeakerVoiceList(BaseModel):
    """What is thought of the voices in a meeting."""

    detector: Annotated[str, Field(description="the model; `none` where there is none")]
    voices: list[SpeakerVoice]
