"""Which meetings have captions, written down: a restart of the server must not end them without a word."""

from datetime import datetime

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from salon.ai.live.state import Captioned, CaptionsBy
from salon.meeting.face import MeetingId, RoomId
from salon.platform.db import Base, Database, UtcDateTime
from salon.platform.ids import UserId


class CaptionedRow(Base):
    """A meeting whose captions are on."""

    __tablename__ = "captioned_meetings"

    meeting_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    room_id: Mapped[str] = mapped_column(String(100))
    user_id: Mapped[int]
    username: Mapped[str] = mapped_column(String(50))
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class KeptCaptions:
    """The list of meetings with captions that outlives the process."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> list[Captioned]:
        """Those that were on when they were last changed, oldest first."""
        async with self._db.read() as tx:
            rows = (await tx.scalars(select(CaptionedRow).order_by(CaptionedRow.since))).all()
        return [
            Captioned(
                MeetingId(row.meeting_id),
                RoomId(row.room_id),
                CaptionsBy(user_id=UserId(row.user_id), username=row.username),
                row.since,
            )
            for row in rows
        ]

    async def keep(self, captioned: Captioned) -> None:
        """They are on."""
        async with self._db.begin() as tx:
            await tx.merge(
                CaptionedRow(
                    meeting_id=captioned.meeting_id,
                    room_id=captioned.room_id,
                    user_id=captioned.by.user_id,
                    username=captioned.by.username,
                    since=captioned.since,
                )
            )

    async def forget(self, meeting_id: MeetingId) -> None:
        """They are off."""
        async with self._db.begin() as tx:
            await tx.execute(delete(CaptionedRow).where(CaptionedRow.meeting_id == meeting_id))
