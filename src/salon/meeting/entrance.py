"""What stands at the entrance: the password, and those who knocked and need not wait any more."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import rules, store
from salon.meeting.context import Context
from salon.meeting.errors import MeetingNotFound, WrongPassword
from salon.meeting.face import KnockDecided, LobbyChanged, MeetingId
from salon.platform.ids import UserId
from salon.platform.quotas import Quota


async def check_password(
    ground: Context, user_id: UserId, meeting_id: MeetingId, password: str | None
) -> None:
    """Ask for the password where one is needed. Outside of any transaction: hashing takes its time.

    Raises:
        MeetingNotFound: there is none.
        WrongPassword: missing or wrong.
        TooManyRequests: too many wrong ones.
    """
    async with ground.db.read() as tx:
        meeting = await store.find_meeting(tx, meeting_id)
        if meeting is None:
            raise MeetingNotFound
        participant = await store.find_participant(tx, meeting_id, user_id)
    if not rules.is_open(meeting) or not rules.needs_password(meeting, participant, user_id):
        return
    keys = (str(meeting_id), str(user_id))
    await ground.quotas.check(Quota.JOIN_PASSWORD, *keys)
    if not password:
        raise WrongPassword
    if not await ground.passwords.verify(password, meeting.password_hash):
        await ground.quotas.take(Quota.JOIN_PASSWORD, *keys)
        raise WrongPassword
    # Again: of many guesses sent at once, those beyond the limit learn nothing.
    await ground.quotas.check(Quota.JOIN_PASSWORD, *keys)


async def settle_knocks(
    ground: Context, tx: AsyncSession, meeting_id: MeetingId, user_ids: Sequence[UserId] | None
) -> list[UserId]:
    """Those who wait need not any more, all if none is named: invited meanwhile, or the lobby is off.

    Returns:
        Whose waiting is over; `announce_settled` tells them after the commit.
    """
    waiting = await store.list_waiting(tx, meeting_id, lock=True)
    settled = [row for row in waiting if user_ids is None or row.user_id in user_ids]
    for row in settled:
        row.state, row.decided_at = "admitted", ground.clock.now()
    return [UserId(row.user_id) for row in settled]


async def announce_settled(ground: Context, meeting_id: MeetingId, user_ids: Sequence[UserId]) -> None:
    """Tell those who waited, and those who watch the lobby."""
    for user_id in user_ids:
        await ground.bus.publish(KnockDecided(meeting_id=meeting_id, user_id=user_id, state="admitted"))
    if user_ids:
        await ground.bus.publish(LobbyChanged(meeting_id=meeting_id))
