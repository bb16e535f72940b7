"""Who belongs to a meeting, and in which role; coming and going."""

from collections.abc import Sequence

import structlog
from sqlalchemy.exc import IntegrityError

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context, Joined
from salon.meeting.entrance import announce_settled, check_password, settle_knocks
from salon.meeting.errors import (
    AlreadyOver,
    ApprovalNeeded,
    MeetingNotFound,
    NotHost,
    NotParticipant,
)
from salon.meeting.face import (
    Block,
    MeetingId,
    MeetingStatus,
    ParticipantChanged,
    ParticipantRemoved,
    ParticipantRole,
    ParticipantStatus,
)
from salon.meeting.lobby import Lobby
from salon.meeting.store import ParticipantRow
from salon.platform.auth import Caller
from salon.platform.errors import BadRequest, NotFound
from salon.platform.ids import UserId

log = structlog.get_logger()

MAX_INVITED = 200
"""Users invited by one request."""


class Membership:
    """Lets people in, and keeps their places and roles."""

    def __init__(self, context: Context, lobby: Lobby) -> None:
        self._context = context
        self._lobby = lobby

    async def join(self, caller: Caller, meeting_id: MeetingId, password: str | None) -> Joined:
        """Come in; twice is as good as once.

        Raises:
            MeetingNotFound: there is none, or none for this guest.
            WrongPassword: missing or wrong, from somebody who was not in yet.
            MeetingOver, RemovedFromMeeting, JoinTooEarly, MeetingLocked, MeetingFull: see `rules.admit`.
            ApprovalNeeded: a host has to let the caller in; the caller waits in the lobby now.
            TooManyRequests: too many wrong passwords.
        """
        if caller.guest_of is not None and caller.guest_of != meeting_id:
            raise MeetingNotFound
        await check_password(self._context, caller.user_id, meeting_id, password)
        try:
            return await self._enter(caller, meeting_id)
        except ApprovalNeeded:
            await self._lobby.knock(caller, meeting_id, password=password, is_checked=True)
            raise
        except IntegrityError:
            # The same user came twice at once, and the other one was first: now there is a place.
            return await self._enter(caller, meeting_id)

    async def _enter(self, caller: Caller, meeting_id: MeetingId) -> Joined:
        ground, user_id = self._context, caller.user_id
        async with ground.db.begin() as tx:
            meeting = await store.find_meeting(tx, meeting_id, lock=True)
            if meeting is None:
                raise MeetingNotFound
            participant = await store.find_participant(tx, meeting_id, user_id)
            inside = await store.count_joined(tx, meeting_id, except_user=user_id)
            now = ground.clock.now()
            rules.admit(meeting, participant, user_id, inside=inside, now=now)
            if participant is None:
                is_creator = meeting.creator_id == user_id
                role = ParticipantRole.HOST if is_creator else ParticipantRole.PARTICIPANT
                participant = ParticipantRow(
                    meeting_id=meeting_id, user_id=user_id, role=int(role), audio_block=Block.FREE.value
                )
                tx.add(participant)
            if participant.status != ParticipantStatus.JOINED:
                participant.status = int(ParticipantStatus.JOINED)
                participant.joined_at = now
                participant.left_at = None
                participant.audio_block = rules.audio_block_at_entry(meeting, participant, user_id).value
            if meeting.status == MeetingStatus.SCHEDULED:
                meeting.status = int(MeetingStatus.ACTIVE)
                meeting.updated_at = now
            room = await store.get_room(tx, meeting_id)
            rules.reopen(room, now)
            settled = await settle_knocks(ground, tx, meeting_id, [user_id])
        await announce_settled(ground, meeting_id, settled)
        log.info("participant.joined", meeting_id=meeting_id, user_id=user_id)
        return Joined(meeting, room, participant)

    async def leave(self, user_id: UserId, meeting_id: MeetingId) -> None:
        """Go; the place is kept for coming back.

        Raises:
            MeetingNotFound: there is none, or the caller never was in it.
        """
        async with self._context.db.begin() as tx:
            participant = await store.find_participant(tx, meeting_id, user_id)
            if participant is None or await store.find_meeting(tx, meeting_id) is None:
                raise MeetingNotFound("You are not in this meeting.")
            if participant.status == ParticipantStatus.JOINED:
                participant.status = int(ParticipantStatus.LEFT)
                participant.left_at = self._context.clock.now()

    async def invite(
        self, caller: Caller, meeting_id: MeetingId, user_ids: Sequence[UserId], role: ParticipantRole
    ) -> list[ParticipantRow]:
        """Give users a place; who has one keeps it, who was removed may come again.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door; or a moderator who gives a higher role.
            AlreadyOver: the meeting has ended.
            NotFound: one of the users does not exist.
        """
        ground = self._context
        wanted = list(dict.fromkeys(user_ids))
        if not 1 <= len(wanted) <= MAX_INVITED:
            raise BadRequest(f"user_ids: 1 to {MAX_INVITED} users at a time")
        known = await ground.users.cards(user_ids=wanted)
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            if not rules.is_open(entry.meeting):
                raise AlreadyOver
            if role is not ParticipantRole.PARTICIPANT and not rules.is_host(
                entry.meeting, entry.participant, caller.user_id
            ):
                raise NotHost("Only a host may give a role. Invite them as participants.")
            missing = [user_id for user_id in wanted if user_id not in known or known[user_id].is_guest]
            if missing:
                raise NotFound(f"There is no user {missing[0]}.")
            rows = await store.list_participants_of(tx, meeting_id, wanted)
            for user_id in wanted:
                row = rows.get(user_id)
                if row is None:
                    row = rows[user_id] = ParticipantRow(
                        meeting_id=meeting_id,
                        user_id=user_id,
                        role=int(role),
                        status=int(ParticipantStatus.INVITED),
                    )
                    tx.add(row)
                elif row.status == ParticipantStatus.REJECTED:
                    row.status, row.role = int(ParticipantStatus.INVITED), int(role)
                row.admitted = True
            settled = await settle_knocks(ground, tx, meeting_id, wanted)
            users: list[int] = [int(user_id) for user_id in wanted]
            await ground.note(tx, "participant.invited", caller, meeting_id, details={"users": [*users]})
        await announce_settled(ground, meeting_id, settled)
        return [rows[user_id] for user_id in wanted]

    async def remove(self, caller: Caller, meeting_id: MeetingId, user_id: UserId) -> None:
        """End a membership; the person cannot come back until invited again.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door; or the target ranks above the caller.
            NotParticipant: the target is no participant.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            target = await store.find_participant(tx, meeting_id, user_id)
            if target is None:
                raise NotParticipant
            rules.check_rank(entry.meeting, entry.participant, caller.user_id, target)
            target.status = int(ParticipantStatus.REJECTED)
            target.left_at = ground.clock.now()
            await ground.note(tx, "participant.removed", caller, meeting_id, target=f"user:{user_id}")
        log.info("participant.removed", meeting_id=meeting_id, user_id=user_id, by=caller.user_id)
        await ground.bus.publish(ParticipantRemoved(meeting_id=meeting_id, user_id=user_id))

    async def change_role(
        self, caller: Caller, meeting_id: MeetingId, user_id: UserId, role: ParticipantRole
    ) -> ParticipantRow:
        """Give a participant another role; it counts at once.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door; or the target is the creator.
            NotParticipant: the target is no participant.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.HOST, lock=True)
            target = await store.find_participant(tx, meeting_id, user_id)
            if target is None or target.status == ParticipantStatus.REJECTED:
                raise NotParticipant
            if entry.meeting.creator_id == user_id and role is not ParticipantRole.HOST:
                raise NotHost("Who made the meeting stays its host.")
            target.role = int(role)
            needs_none = not rules.needs_approval(entry.meeting, target, user_id)
            settled = await settle_knocks(ground, tx, meeting_id, [user_id] if needs_none else [])
            await ground.note(
                tx,
                "participant.role_changed",
                caller,
                meeting_id,
                target=f"user:{user_id}",
                details={"role": int(role)},
            )
        await announce_settled(ground, meeting_id, settled)
        await ground.bus.publish(
            ParticipantChanged(
                meeting_id=meeting_id,
                user_id=user_id,
                role=role,
                audio_block=Block(target.audio_block),
                video_block=Block(target.video_block),
                action="role",
                by_user_id=caller.user_id,
                by_username=caller.username,
            )
        )
        return target
