"""Lines of a transcript, and what live captions write them to."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from salon.meeting.face import MeetingId
from salon.platform.ids import UserId


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word with its times, in seconds from the begin of its line."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """What one speaker said in one breath.

    ``line_id`` is a uuid4 in hex; the times are aware and in UTC; ``confidence`` is 0 to 1.
    """

    line_id: str
    meeting_id: MeetingId
    user_id: UserId
    speaker: str
    speaker_key: str
    started_at: datetime
    ended_at: datetime
    text: str
    language: str
    confidence: float
    words: tuple[SpokenWord, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """From this moment on a voice was suspected to be made by a machine, or no more.

    ``score`` is 0 to 1; ``at`` is aware and in UTC.
    """

    meeting_id: MeetingId
    user_id: UserId
    speaker: str
    state: Literal["suspicious", "ok"]
    score: float
    at: datetime


class Transcripts(ABC):
    """Where live captions put their final lines."""

    @abstractmethod
    async def append(self, line: Line) -> None:
        """Keep ``line``; without effect if its meeting is gone."""

    @abstractmethod
    async def note(self, note: VoiceNote, *, detector: str) -> None:
        """Keep ``note`` for the hosts, and say so in the audit log; without effect if its meeting is gone.

        ``detector`` is the name of the model that found it.
        """
