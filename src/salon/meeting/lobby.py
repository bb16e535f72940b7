"""The lobby: who is not let in by themselves knocks, waits, and is admitted or turned away."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context
from salon.meeting.entrance import check_password
from salon.meeting.errors import (
    KnockedTooSoon,
    LobbyFull,
    MeetingLocked,
    MeetingNotFound,
    MeetingOver,
    RemovedFromMeeting,
)
from salon.meeting.face import (
    Knock,
    KnockDecided,
    LobbyChanged,
    LobbyMessage,
    MeetingId,
    ParticipantRole,
    ParticipantStatus,
)
from salon.meeting.store import KnockRow, ParticipantRow
from salon.platform.auth import Caller
from salon.platform.errors import BadRequest, NotFound
from salon.platform.ids import UserId

log = structlog.get_logger()

MAX_WAITING = 200
AGAIN_AFTER = timedelta(minutes=1)
"""Who was turned away may knock again, but not on and on."""

MAX_MESSAGE = 500


class Lobby:
    """Keeps those who wait."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def knock(
        self, caller: Caller, meeting_id: MeetingId, *, password: str | None, is_checked: bool = False
    ) -> Knock | None:
        """Ask to be let in. None: no need, `join` will do. Twice is as good as once.

        Args:
            is_checked: the meeting's password, where there is one, was checked before.

        Raises:
            MeetingNotFound, MeetingOver, RemovedFromMeeting, MeetingLocked: nobody opens here.
            WrongPassword: the meeting has a password, and this is not it.
            TooManyRequests: too many wrong passwords.
            KnockedTooSoon: turned away less than a minute ago.
            LobbyFull: too many wait.
        """
        ground, user_id = self._context, caller.user_id
        if caller.guest_of is not None and caller.guest_of != meeting_id:
            raise MeetingNotFound
        known = await self.find(meeting_id=meeting_id, user_id=user_id)
        # Who waits has shown the password already.
        if not is_checked and (known is None or known.state != "waiting"):
            await check_password(ground, user_id, meeting_id, password)
        try:
            async with ground.db.begin() as tx:
                meeting = await store.find_meeting(tx, meeting_id, lock=True)
                if meeting is None:
                    raise MeetingNotFound
                participant = await store.find_participant(tx, meeting_id, user_id)
                if not rules.is_open(meeting):
                    raise MeetingOver
                if participant is not None and participant.status == ParticipantStatus.REJECTED:
                    raise RemovedFromMeeting
                if not rules.needs_approval(meeting, participant, user_id):
                    return None
                if meeting.locked:
                    raise MeetingLocked
                row, is_new = await self._ensure(tx, meeting_id, user_id)
                waiting = await store.list_waiting(tx, meeting_id)
        except IntegrityError:
            # The same user knocked twice at once; the other one stands.
            return await self.find(meeting_id=meeting_id, user_id=user_id)
        if is_new:
            await ground.bus.publish(LobbyChanged(meeting_id=meeting_id))
        return _knock(row, waiting)

    async def _ensure(
        self, tx: AsyncSession, meeting_id: MeetingId, user_id: UserId
    ) -> tuple[KnockRow, bool]:
        now = self._context.clock.now()
        row = await store.find_knock(tx, meeting_id, user_id, lock=True)
        if row is not None and row.state == "waiting":
            return row, False
        if row is not None and row.state == "denied" and row.decided_at is not None:
            again = row.decided_at + AGAIN_AFTER
            if now < again:
                raise KnockedTooSoon(retry_after_s=max(1, int((again - now).total_seconds())))
        if len(await store.list_waiting(tx, meeting_id)) >= MAX_WAITING:
            raise LobbyFull
        if row is None:
            row = KnockRow(meeting_id=meeting_id, user_id=user_id)
            tx.add(row)
        row.state, row.asked_at, row.decided_at = "waiting", now, None
        await tx.flush()
        return row, True

    async def withdraw(self, caller: Caller, meeting_id: MeetingId) -> None:
        """Wait no longer; harmless for who does not wait."""
        ground = self._context
        async with ground.db.begin() as tx:
            row = await store.find_knock(tx, meeting_id, caller.user_id, lock=True)
            was_waiting = row is not None and row.state == "waiting"
            if row is not None and was_waiting:
                row.state, row.decided_at = "withdrawn", ground.clock.now()
        if was_waiting:
            await ground.bus.publish(LobbyChanged(meeting_id=meeting_id))

    async def find(self, *, meeting_id: MeetingId, user_id: UserId) -> Knock | None:
        """See `Meetings.find_knock`."""
        async with self._context.db.read() as tx:
            meeting = await store.find_meeting(tx, meeting_id)
            row = await store.find_knock(tx, meeting_id, user_id)
            if meeting is None or row is None:
                return None
            waiting = await store.list_waiting(tx, meeting_id)
        return _knock(row, waiting) if row.state in ("waiting", "admitted", "denied") else None

    async def list_waiting(self, *, meeting_id: MeetingId) -> list[Knock]:
        """See `Meetings.list_waiting`."""
        async with self._context.db.read() as tx:
            rows = await store.list_waiting(tx, meeting_id)
        return [knock for row in rows if (knock := _knock(row, rows)) is not None]

    async def read(self, caller: Caller, meeting_id: MeetingId) -> list[Knock]:
        """Who waits, longest first, for those who may let them in.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
        """
        async with self._context.db.read() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE)
        return await self.list_waiting(meeting_id=meeting_id)

    async def admit(
        self, caller: Caller, meeting_id: MeetingId, user_ids: Sequence[UserId] | None
    ) -> list[UserId]:
        """Let those in who wait, all if none is named; answers whom. Who was turned away may be named, too.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            NotFound: none of those named waits.
        """
        return await self._decide(caller, meeting_id, user_ids, admit=True)

    async def deny(self, caller: Caller, meeting_id: MeetingId, user_ids: Sequence[UserId]) -> list[UserId]:
        """Turn those away who wait; answers whom.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            NotFound: none of those named waits.
        """
        return await self._decide(caller, meeting_id, user_ids, admit=False)

    async def _decide(
        self, caller: Caller, meeting_id: MeetingId, user_ids: Sequence[UserId] | None, *, admit: bool
    ) -> list[UserId]:
        ground = self._context
        async with ground.db.begin() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            meant = list(await store.list_waiting(tx, meeting_id, lock=True))
            if user_ids is not None:
                meant = [row for row in meant if row.user_id in user_ids]
                if admit:
                    meant += await store.list_denied(tx, meeting_id, user_ids)
            if not meant and user_ids is not None:
                raise NotFound("Nobody of these waits to be let in (any more).")
            decided = [UserId(row.user_id) for row in meant]
            places = await store.list_participants_of(tx, meeting_id, decided) if admit else {}
            for row in meant:
                row.state = "admitted" if admit else "denied"
                row.decided_at = ground.clock.now()
                if not admit:
                    continue
                place = places.get(UserId(row.user_id))
                if place is None:
                    place = ParticipantRow(
                        meeting_id=meeting_id,
                        user_id=row.user_id,
                        role=int(ParticipantRole.PARTICIPANT),
                        status=int(ParticipantStatus.INVITED),
                    )
                    tx.add(place)
                place.admitted = True
            if decided:
                users: list[int] = [int(user_id) for user_id in decided]
                action = "participant.admitted" if admit else "participant.denied"
                await ground.note(tx, action, caller, meeting_id, details={"users": [*users]})
        for user_id in decided:
            await ground.bus.publish(
                KnockDecided(meeting_id=meeting_id, user_id=user_id, state="admitted" if admit else "denied")
            )
        if decided:
            await ground.bus.publish(LobbyChanged(meeting_id=meeting_id))
        return decided

    async def write(self, caller: Caller, meeting_id: MeetingId, content: str) -> None:
        """A message to everybody who waits.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            BadRequest: blank or too long.
        """
        if not content.strip() or len(content) > MAX_MESSAGE:
            raise BadRequest(f"content: 1 to {MAX_MESSAGE} characters")
        ground = self._context
        async with ground.db.begin() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE)
            await ground.note(tx, "lobby.messaged", caller, meeting_id)
        await ground.bus.publish(
            LobbyMessage(meeting_id=meeting_id, content=content.strip(), by_username=caller.username)
        )


def _knock(row: KnockRow, waiting: Sequence[KnockRow]) -> Knock | None:
    if row.state not in ("waiting", "admitted", "denied"):
        return None
    order = [other.user_id for other in waiting]
    return Knock(
        meeting_id=MeetingId(row.meeting_id),
        user_id=UserId(row.user_id),
        state=row.state,
        asked_at=row.asked_at,
        position=order.index(row.user_id) + 1 if row.user_id in order else 0,
    )
