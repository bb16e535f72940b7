"""What every part of the meeting service stands on."""

from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting.store import MeetingRow, ParticipantRow, RoomRow
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.passwords import Passwords
from salon.platform.quotas import Quotas
from salon.user.face import Users


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that are shared, and the one way to the audit log."""

    db: Database
    bus: Bus
    clock: Clock
    passwords: Passwords
    quotas: Quotas
    users: Users

    async def note(
        self,
        tx: AsyncSession,
        action: str,
        by: Caller | None,
        meeting_id: int,
        *,
        target: str = "",
        details: dict[str, JsonValue] | None = None,
    ) -> None:
        """Write into the audit log who did what; `by` None is the server itself."""
        entry = AuditEntry(
            action=action,
            actor_id=by.user_id if by else None,
            actor_name=by.username if by else "",
            target=target or f"meeting:{meeting_id}",
            meeting_id=meeting_id,
            details=details or {},
        )
        await record(tx, entry, now=self.clock.now())


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """A meeting and the name of its room."""

    meeting: MeetingRow
    room_id: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A participant's place after joining."""

    meeting: MeetingRow
    room: RoomRow
    participant: ParticipantRow
