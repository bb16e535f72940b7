"""Moderation: what a participant sends is stopped by the server, not by the participant's good will."""

from dataclasses import dataclass
from typing import Literal

import structlog
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context
from salon.meeting.errors import AlreadyOver, NotParticipant
from salon.meeting.face import (
    Block,
    MeetingId,
    ParticipantChanged,
    ParticipantRole,
    ParticipantStatus,
)
from salon.meeting.store import MeetingRow, ParticipantRow, RoomRow
from salon.platform.auth import Caller
from salon.platform.errors import NotAllowed
from salon.platform.ids import UserId

log = structlog.get_logger()

HELD = "A host has muted you. Ask to be unmuted."
OFF = "This meeting does not allow it. A host can change that in the meeting's settings."


@dataclass(frozen=True, slots=True)
class Silence:
    """What is to be stopped, and how firmly."""

    audio: bool
    video: bool
    block: Block


class Moderation:
    """Mutes and unmutes participants."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def set_one(
        self, caller: Caller, meeting_id: MeetingId, user_id: UserId, silence: Silence
    ) -> ParticipantRow:
        """Block what one participant sends, or lift the block.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door; or the target ranks above the caller.
            NotParticipant: the target is no participant.
            AlreadyOver: the meeting has ended.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            if not rules.is_open(entry.meeting):
                raise AlreadyOver
            target = await store.find_participant(tx, meeting_id, user_id)
            if target is None or target.status == ParticipantStatus.REJECTED:
                raise NotParticipant
            if user_id != caller.user_id:
                rules.check_rank(entry.meeting, entry.participant, caller.user_id, target)
            _apply(target, silence)
            await ground.note(
                tx,
                _action_of(silence),
                caller,
                meeting_id,
                target=f"user:{user_id}",
                details=_details(silence),
            )
        await self._announce(caller, [target], silence)
        return target

    async def set_all(self, caller: Caller, meeting_id: MeetingId, silence: Silence) -> list[ParticipantRow]:
        """The same for every plain participant and presenter who is in; hosts and moderators stay free.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            AlreadyOver: the meeting has ended.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            if not rules.is_open(entry.meeting):
                raise AlreadyOver
            targets = [
                row
                for row in await store.list_joined(tx, meeting_id, lock=True)
                if not rules.is_moderator(entry.meeting, row, UserId(row.user_id))
            ]
            for target in targets:
                _apply(target, silence, keeps_holds=True)
            await ground.note(tx, f"{_action_of(silence)}_all", caller, meeting_id, details=_details(silence))
        await self._announce(caller, targets, silence)
        return targets

    async def lift_own(
        self, *, meeting_id: MeetingId, user_id: UserId, audio: bool, video: bool
    ) -> tuple[MeetingRow, RoomRow, ParticipantRow] | None:
        """See `Meetings.lift_own_block`."""
        ground = self._context
        async with ground.db.begin() as tx:
            found = await _lock_seat(tx, meeting_id, user_id)
            if found is None:
                return None
            meeting, _, participant = found
            allows = rules.allows_of(meeting)
            if (audio and not allows.audio) or (video and not allows.video):
                raise NotAllowed(OFF)
            held = (audio and participant.audio_block == Block.HELD) or (
                video and participant.video_block == Block.HELD
            )
            if held:
                raise NotAllowed(HELD)
            lifted = (audio and participant.audio_block == Block.MUTED) or (
                video and participant.video_block == Block.MUTED
            )
            if audio:
                participant.audio_block = Block.FREE.value
            if video:
                participant.video_block = Block.FREE.value
        if lifted:
            card = (await ground.users.cards(user_ids=[user_id])).get(user_id)
            await self._publish(participant, "unmute", user_id, card.username if card else "")
        return found

    async def _announce(self, caller: Caller, targets: list[ParticipantRow], silence: Silence) -> None:
        action: Literal["mute", "unmute"] = "unmute" if silence.block is Block.FREE else "mute"
        for target in targets:
            await self._publish(target, action, caller.user_id, caller.username)

    async def _publish(
        self, row: ParticipantRow, action: Literal["mute", "unmute"], by: UserId, by_username: str
    ) -> None:
        await self._context.bus.publish(
            ParticipantChanged(
                meeting_id=MeetingId(row.meeting_id),
                user_id=UserId(row.user_id),
                role=ParticipantRole(row.role),
                audio_block=Block(row.audio_block),
                video_block=Block(row.video_block),
                action=action,
                by_user_id=by,
                by_username=by_username,
            )
        )


async def _lock_seat(
    tx: AsyncSession, meeting_id: MeetingId, user_id: UserId
) -> tuple[MeetingRow, RoomRow, ParticipantRow] | None:
    # Locked as by moderators: either this sees their block, or the block comes after.
    await store.find_meeting(tx, meeting_id, lock=True)
    for meeting, room, participant in await store.list_seats(tx, user_id, [meeting_id]):
        if participant is not None:
            return meeting, room, participant
    return None


def _apply(target: ParticipantRow, silence: Silence, *, keeps_holds: bool = False) -> None:
    """Put the block on; `keeps_holds`: muting everybody does not loosen what holds one of them."""

    def changed(block: str) -> str:
        is_looser = silence.block is Block.MUTED and block == Block.HELD.value
        return block if keeps_holds and is_looser else silence.block.value

    if silence.audio:
        target.audio_block = changed(target.audio_block)
    if silence.video:
        target.video_block = changed(target.video_block)


def _action_of(silence: Silence) -> str:
    return "participant.unmuted" if silence.block is Block.FREE else "participant.muted"


def _details(silence: Silence) -> dict[str, JsonValue]:
    return {"audio": silence.audio, "video": silence.video, "block": silence.block.value}
