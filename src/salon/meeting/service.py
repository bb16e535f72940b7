"""The meeting service as the others see it, and its housekeeping."""

from collections.abc import Sequence
from typing import Any, Literal

import structlog

from salon.meeting import rules, series_store, store
from salon.meeting.chat import Chat
from salon.meeting.context import Context
from salon.meeting.errors import MeetingNotFound, NotAMember
from salon.meeting.face import (
    Block,
    ChatMessage,
    Knock,
    MeetingId,
    Meetings,
    MeetingStatus,
    ParticipantRole,
    ParticipantStatus,
    RoomId,
    Seat,
)
from salon.meeting.invitations import Invitations
from salon.meeting.invites import Invites
from salon.meeting.lobby import Lobby
from salon.meeting.looking import Looking
from salon.meeting.membership import Membership
from salon.meeting.moderation import Moderation
from salon.meeting.planning import Planning
from salon.meeting.recordings import Recordings
from salon.meeting.rooms import Rooms
from salon.meeting.series import Series
from salon.meeting.store import MeetingRow, ParticipantRow, RoomRow
from salon.platform.ids import MAX_ROW_ID, UserId
from salon.platform.mail import Mailer

log = structlog.get_logger()

_MAX_IDS = 500
_ALIAS = "meeting-"


class MeetingService(Meetings):
    """Meetings and their members; its parts stand in attributes, one for each noun."""

    def __init__(self, context: Context, mailer: Mailer) -> None:
        self._context = context
        self.planning = Planning(context)
        self.looking = Looking(context)
        self.lobby = Lobby(context)
        self.membership = Membership(context, self.lobby)
        self.moderation = Moderation(context)
        self.rooms = Rooms(context)
        self.chat = Chat(context)
        self.recordings = Recordings(context)
        self.invites = Invites(context)
        self.series = Series(context, self.planning)
        self.invitations = Invitations(context, mailer)

    async def find_seats(self, *, user_id: UserId, meeting_ids: Sequence[MeetingId]) -> dict[MeetingId, Seat]:
        """See `Meetings.find_seats`."""
        if len(meeting_ids) > _MAX_IDS:
            raise ValueError(f"at most {_MAX_IDS} ids at a time")
        async with self._context.db.read() as tx:
            found = await store.list_seats(tx, user_id, meeting_ids)
        return {
            MeetingId(meeting.id): self._seat(meeting, room, participant, user_id)
            for meeting, room, participant in found
        }

    async def find_meetings_of_rooms(self, *, room_ids: Sequence[RoomId]) -> dict[RoomId, MeetingId]:
        """See `Meetings.find_meetings_of_rooms`."""
        aliases = {room_id: number for room_id in room_ids if (number := _number_of(room_id)) is not None}
        async with self._context.db.read() as tx:
            rooms = await store.list_rooms(tx, [room for room in room_ids if room not in aliases])
            ids = {meeting_id for _, meeting_id in rooms} | set(aliases.values())
            existing = await store.list_existing(tx, sorted(ids))
        found = {RoomId(room): MeetingId(number) for room, number in rooms if number in existing}
        found.update({room: MeetingId(number) for room, number in aliases.items() if number in existing})
        return found

    async def post_chat(
        self,
        *,
        user_id: UserId,
        username: str,
        meeting_id: MeetingId,
        message_id: str,
        content: str,
        session_id: str | None,
        extra: dict[str, Any],
    ) -> ChatMessage:
        """See `Meetings.post_chat`."""
        return await self.chat.post(
            user_id=user_id,
            username=username,
            meeting_id=meeting_id,
            message_id=message_id,
            content=content,
            session_id=session_id,
            extra=extra,
        )

    async def list_chat(self, *, meeting_id: MeetingId, limit: int, before: int | None) -> list[ChatMessage]:
        """See `Meetings.list_chat`."""
        return await self.chat.list_all(meeting_id=meeting_id, limit=limit, before=before)

    async def list_roles(self, *, meeting_id: MeetingId) -> dict[UserId, ParticipantRole]:
        """See `Meetings.list_roles`."""
        async with self._context.db.read() as tx:
            rows = await store.list_joined(tx, meeting_id)
        return {UserId(row.user_id): ParticipantRole(row.role) for row in rows}

    async def lift_own_block(
        self, *, meeting_id: MeetingId, user_id: UserId, audio: bool, video: bool
    ) -> Seat | None:
        """See `Meetings.lift_own_block`."""
        found = await self.moderation.lift_own(
            meeting_id=meeting_id, user_id=user_id, audio=audio, video=video
        )
        return None if found is None else self._seat(*found, user_id)

    async def check_recording(
        self, *, user_id: UserId, meeting_id: MeetingId, to: Literal["start", "stop", "see"]
    ) -> Seat:
        """See `Meetings.check_recording`."""
        return self._seat(*await self.recordings.check(user_id, meeting_id, to), user_id)

    async def check_captions(
        self, *, user_id: UserId, meeting_id: MeetingId, to: Literal["start", "stop", "see"]
    ) -> Seat:
        """See `Meetings.check_captions`."""
        found = await self.recordings.check(user_id, meeting_id, to, feature="captions")
        return self._seat(*found, user_id)

    async def list_recorded_for(self, *, user_id: UserId) -> list[MeetingId]:
        """See `Meetings.list_recorded_for`."""
        return await self.recordings.list_for(user_id)

    async def find_knock(self, *, meeting_id: MeetingId, user_id: UserId) -> Knock | None:
        """See `Meetings.find_knock`."""
        return await self.lobby.find(meeting_id=meeting_id, user_id=user_id)

    async def list_waiting(self, *, meeting_id: MeetingId) -> list[Knock]:
        """See `Meetings.list_waiting`."""
        return await self.lobby.list_waiting(meeting_id=meeting_id)

    async def session_opened(self, *, meeting_id: MeetingId, user_id: UserId) -> Seat | None:
        """See `Meetings.session_opened`."""
        async with self._context.db.begin() as tx:
            # Locked as by whoever ends the meeting: either this sees the end, or the end comes after.
            await store.find_meeting(tx, meeting_id, lock=True)
            found = await store.list_seats(tx, user_id, [meeting_id])
            for meeting, _, participant in found:
                if participant is None or not rules.is_open(meeting):
                    continue
                if rules.needs_approval(meeting, participant, user_id):
                    continue
                if rules.is_kept_out(meeting, participant, user_id, self._context.clock.now()):
                    continue
                if participant.status in (ParticipantStatus.INVITED, ParticipantStatus.LEFT):
                    participant.status = int(ParticipantStatus.JOINED)
                    participant.joined_at = self._context.clock.now()
                    participant.left_at = None
                    block = rules.audio_block_at_entry(meeting, participant, user_id)
                    participant.audio_block = block.value
        return next((self._seat(*row, user_id) for row in found), None)

    async def sessions_gone(self, *, meeting_id: MeetingId, user_id: UserId) -> None:
        """See `Meetings.sessions_gone`."""
        try:
            await self.membership.leave(user_id, meeting_id)
        except (MeetingNotFound, NotAMember):
            log.info("participant.gone_already", meeting_id=meeting_id, user_id=user_id)

    def _seat(
        self, meeting: MeetingRow, room: RoomRow, participant: ParticipantRow | None, user_id: UserId
    ) -> Seat:
        now = self._context.clock.now()
        return Seat(
            meeting_id=MeetingId(meeting.id),
            room_id=RoomId(room.room_id),
            user_id=user_id,
            role=ParticipantRole(participant.role) if participant else ParticipantRole.HOST,
            status=ParticipantStatus(participant.status) if participant else ParticipantStatus.INVITED,
            meeting_status=MeetingStatus(meeting.status),
            is_creator=meeting.creator_id == user_id,
            max_participants=meeting.max_participants,
            audio_block=Block(participant.audio_block) if participant else Block.FREE,
            video_block=Block(participant.video_block) if participant else Block.FREE,
            allows=rules.allows_of(meeting),
            is_locked=meeting.locked,
            title=meeting.title,
            needs_approval=rules.needs_approval(meeting, participant, user_id),
            is_kept_out=rules.is_kept_out(meeting, participant, user_id, now),
            may_see_recordings=rules.may_see_recordings(meeting, participant, user_id),
        )

    # Housekeeping.

    async def recover(self) -> None:
        """At the start of the one process that holds all connections: nobody is in any meeting."""
        async with self._context.db.begin() as tx:
            await store.mark_everybody_left(tx, self._context.clock.now())

    async def sweep(self) -> int:
        """End meetings that are past their end and empty; tells how many."""
        return await self.planning.end_abandoned()

    async def find_rules(self, series_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Rule and time zone of these series."""
        if not series_ids:
            return {}
        async with self._context.db.read() as tx:
            found = await series_store.list_series(tx, series_ids)
        return {number: (row.rule, row.time_zone) for number, row in found.items()}

    async def count_active(self) -> int:
        """Meetings going on."""
        async with self._context.db.read() as tx:
            return await store.count_active(tx)


def _number_of(room_id: RoomId) -> int | None:
    """The meeting that an alias names."""
    text = room_id.removeprefix(_ALIAS)
    is_number = text.isascii() and text.isdecimal() and len(text) <= 10
    return int(text) if room_id.startswith(_ALIAS) and is_number and int(text) <= MAX_ROW_ID else None
