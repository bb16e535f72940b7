"""What people say in a meeting, put where captions put it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from salon.ai.transcripts.model import Line, Transcripts, VoiceNote
from salon.meeting.face import MeetingId
from salon.platform.ids import UserId

if TYPE_CHECKING:
    from support.people import Person
    from support.server import Salon

AI = "/api/v1/ai"
LIST = f"{AI}/transcripts"
BEGIN = datetime(2031, 5, 6, 9, tzinfo=UTC)


def line(
    text: str,
    *,
    at: float = 0.0,
    lasts: float = 2.0,
    meeting_id: int = 1,
    user_id: int = 7,
    speaker: str = "Ada",
    begin: datetime = BEGIN,
    **fields: Any,
) -> Line:
    """A line; `at` and `lasts` in seconds, from `begin`."""
    started_at = begin + timedelta(seconds=at)
    values: dict[str, Any] = {
        "line_id": uuid4().hex,
        "speaker_key": f"web_{user_id}",
        "language": "en",
        "confidence": 0.9,
        "words": (),
        **fields,
    }
    return Line(
        meeting_id=MeetingId(meeting_id),
        user_id=UserId(user_id),
        speaker=speaker,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=lasts),
        text=text,
        **values,
    )


async def say(salon: Salon, meeting_id: int, said: Sequence[str | Line]) -> list[Line]:
    """Lines of a meeting, one every five seconds, by the running server's own hand."""
    assert salon.app is not None
    transcripts: Transcripts = salon.app.state.ai.transcripts
    lines = [
        one if isinstance(one, Line) else line(one, at=5.0 * number, meeting_id=meeting_id)
        for number, one in enumerate(said)
    ]
    for one in lines:
        await salon.inside(transcripts.append(one))
    return lines


async def note(
    salon: Salon,
    meeting_id: int,
    state: Literal["suspicious", "ok"],
    *,
    user_id: int,
    speaker: str = "Ada",
    score: float = 0.9,
    at: datetime | None = None,
) -> None:
    """A note about a voice, by the running server's own hand."""
    assert salon.app is not None
    transcripts: Transcripts = salon.app.state.ai.transcripts
    made = VoiceNote(
        meeting_id=MeetingId(meeting_id),
        user_id=UserId(user_id),
        speaker=speaker,
        state=state,
        score=score,
        at=at or datetime.now(UTC),
    )
    await salon.inside(transcripts.note(made, detector="test"))


async def data(person: Person, path: str, **params: Any) -> Any:
    """What a GET that must succeed answers."""
    answer = await person.request("GET", path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def status(person: Person, method: str, path: str, body: Any = None, **params: Any) -> int:
    """What somebody is answered."""
    return (await person.request(method, path, json=body, params=params)).status_code


def address_of(meeting: int, *tail: str) -> str:
    """The path of a transcript, or of something of it."""
    return "/".join((f"{LIST}/{meeting}", *tail))
