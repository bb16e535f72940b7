"""Captions of one meeting: whether they are made, by whose wish, and how it goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, JsonValue

from salon.meeting.face import MeetingId, RoomId
from salon.platform.envelope import Timestamp
from salon.platform.ids import UserId

Condition = Literal["ok", "behind", "unavailable"]

WORDS: dict[Condition, str] = {
    "ok": "",
    "behind": "The server cannot keep up with everybody who speaks: some captions are left out.",
    "unavailable": "Speech cannot be recognised at the moment. Captions go on by themselves when it can.",
}
"""What people read."""


class CaptionsBy(BaseModel):
    """Who switched captions on."""

    user_id: UserId
    username: str


class CaptionsState(BaseModel):
    """Whether a meeting has captions, and how it goes."""

    enabled: bool
    by: CaptionsBy | None = None
    since: Timestamp | None = None
    condition: Condition = "ok"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Processed:
    """What is done with the sound of a speaker whom the models listen to."""

    latest: datetime | None
    """When something they said was last read."""
    buffered_bytes: int
    """Sound that waits for the end of a phrase."""


@dataclass(slots=True)
class Captioned:
    """A meeting that has captions."""

    meeting_id: MeetingId
    room_id: RoomId
    by: CaptionsBy
    since: datetime
    condition: Condition = "ok"

    def state(self) -> CaptionsState:
        """As the wire has it."""
        return CaptionsState(
            enabled=True, by=self.by, since=self.since, condition=self.condition, text=WORDS[self.condition]
        )

    def payload(self) -> dict[str, JsonValue]:
        """The state as a message carries it."""
        return self.state().model_dump(mode="json")
