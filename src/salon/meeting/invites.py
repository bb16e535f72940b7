"""Invite links: made, looked at, used by people with and without an account, revoked."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import invite_store, rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context
from salon.meeting.entrance import announce_settled, settle_knocks
from salon.meeting.errors import AlreadyOver, MeetingOver, NotHost, RemovedFromMeeting
from salon.meeting.face import MeetingEnded, MeetingId, ParticipantRole, ParticipantStatus
from salon.meeting.invite_store import InviteRow
from salon.meeting.store import MeetingRow, ParticipantRow
from salon.platform.audit import client_address
from salon.platform.auth import Caller
from salon.platform.errors import Conflict, NotAllowed, NotFound
from salon.platform.ids import UserId
from salon.platform.quotas import Quota
from salon.user.face import UserCard

log = structlog.get_logger()

MAX_INVITES = 50
"""Links of one meeting that work at the same time."""

GUEST_LIFETIME = timedelta(hours=12)
_AT_ONCE = 500


class InviteNotFound(NotFound):
    """Unknown, expired, revoked, or used up: all the same to whoever holds it."""

    kind = "invite_not_found"
    text = "This invite link does not work (any more). Ask the host for a new one."


class GuestsNotAllowed(NotAllowed):
    """The meeting or the link takes people with an account only."""

    kind = "guests_not_allowed"
    text = "This meeting takes no guests. Sign in or make an account, then open the link again."


@dataclass(frozen=True, slots=True)
class Preview:
    """What a link leads to."""

    meeting: MeetingRow
    host: UserCard | None
    takes_guests: bool


class Invites:
    """The links of all meetings, and the guests who came by them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def start(self) -> None:
        """Send guests home when their meeting ends. After signaling: they are to read why, before they go."""
        self._context.bus.subscribe(MeetingEnded, self._send_guests_home)

    async def create(
        self,
        caller: Caller,
        meeting_id: MeetingId,
        *,
        role: ParticipantRole,
        lifetime: timedelta,
        max_uses: int | None,
        guests: bool,
    ) -> tuple[InviteRow, str]:
        """Make a link; answers it with its secret, which is kept nowhere.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door; or a moderator who gives a higher role.
            AlreadyOver: the meeting has ended.
            GuestsNotAllowed: the meeting's settings take no guests.
            Conflict: too many links.
        """
        ground = self._context
        token = secrets.token_urlsafe(24)
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            if not rules.is_open(entry.meeting):
                raise AlreadyOver
            is_host = rules.is_host(entry.meeting, entry.participant, caller.user_id)
            if role is not ParticipantRole.PARTICIPANT and not is_host:
                raise NotHost("Only a host may give a role by a link.")
            if guests and entry.meeting.settings.get("allow_guests") is not True:
                raise GuestsNotAllowed("Switch guests on in the meeting's settings first.")
            now = ground.clock.now()
            if len(await invite_store.list_invites(tx, meeting_id, now)) >= MAX_INVITES:
                raise Conflict(f"A meeting has at most {MAX_INVITES} links. Revoke one first.")
            row = InviteRow(
                meeting_id=meeting_id,
                token_hash=_hash(token),
                role=int(role),
                guests=guests,
                max_uses=max_uses,
                uses=0,
                created_by=caller.user_id,
                created_at=now,
                expires_at=now + lifetime,
            )
            tx.add(row)
            await tx.flush()
            await ground.note(tx, "invite.created", caller, meeting_id, target=f"invite:{row.id}")
        return row, token

    async def list_all(self, caller: Caller, meeting_id: MeetingId) -> Sequence[InviteRow]:
        """The links that work.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
        """
        async with self._context.db.read() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE)
            return await invite_store.list_invites(tx, meeting_id, self._context.clock.now())

    async def revoke(self, caller: Caller, meeting_id: MeetingId, invite_id: int) -> None:
        """End a link; guests who came by it are sent home, members keep their places.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            InviteNotFound: the meeting has no such link.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE)
            row = await invite_store.find_invite_of(tx, meeting_id, invite_id)
            if row is None:
                raise InviteNotFound("This meeting has no such link.")
            row.revoked_at = row.revoked_at or ground.clock.now()
            guests = await invite_store.list_guests(tx, invite_id=row.id)
            await ground.note(tx, "invite.revoked", caller, meeting_id, target=f"invite:{row.id}")
        await self._disable(guests)

    async def preview(self, token: str) -> Preview:
        """What the link leads to, for whoever holds it.

        Raises:
            InviteNotFound: it does not work.
            TooManyRequests: too many looks from this address.
        """
        ground = self._context
        await ground.quotas.take(Quota.GUEST, f"look:{client_address.get()}")
        async with ground.db.read() as tx:
            invite, meeting = await self._open(tx, token)
        cards = await ground.users.cards(user_ids=[UserId(meeting.creator_id)])
        return Preview(meeting, cards.get(UserId(meeting.creator_id)), _takes_guests(invite, meeting))

    async def accept(self, caller: Caller, token: str) -> MeetingId:
        """Take the place that the link gives; twice is as good as once.

        Raises:
            InviteNotFound: it does not work.
            RemovedFromMeeting: thrown out earlier.
            MeetingOver: the meeting has ended.
        """
        ground = self._context
        settled: list[UserId] = []
        try:
            async with ground.db.begin() as tx:
                invite = await invite_store.find_invite(tx, _hash(token), lock=True)
                place = None
                if invite is not None:
                    meeting_id = MeetingId(invite.meeting_id)
                    place = await store.find_participant(tx, meeting_id, caller.user_id)
                # Who came by it before may open it again, though it is used up.
                has_come = place is not None and invite is not None and place.invite_id == invite.id
                invite, meeting = await self._open(tx, token, lock=True, again=has_come)
                meeting_id = MeetingId(meeting.id)
                if place is not None and place.status == ParticipantStatus.REJECTED:
                    raise RemovedFromMeeting
                if place is None:
                    place = _place(invite, caller.user_id, is_guest=False)
                    tx.add(place)
                    invite.uses += 1
                elif place.role == ParticipantRole.PARTICIPANT and invite.role != place.role:
                    place.role, place.admitted = invite.role, True
                    invite.uses += 1
                if not rules.needs_approval(meeting, place, caller.user_id):
                    settled = await settle_knocks(ground, tx, meeting_id, [caller.user_id])
                await ground.note(tx, "invite.accepted", caller, meeting_id, target=f"invite:{invite.id}")
        except IntegrityError:
            # The same user came twice at once; the place is there.
            async with ground.db.read() as tx:
                return MeetingId((await self._open(tx, token, again=True))[1].id)
        await announce_settled(ground, meeting_id, settled)
        return meeting_id

    async def enter_as_guest(self, token: str, nickname: str) -> tuple[UserCard, str, MeetingId]:
        """Come in without an account; answers who one is, a token for this meeting, and which it is.

        Raises:
            InviteNotFound: the link does not work.
            GuestsNotAllowed: the meeting or the link takes none.
            TooManyRequests: too many guests from this address.
        """
        ground = self._context
        await ground.quotas.take(Quota.GUEST, client_address.get())
        async with ground.db.read() as tx:
            invite, meeting = await self._open(tx, token)
        _require_guests(invite, meeting)
        meeting_id = MeetingId(meeting.id)
        card, guest_token = await ground.users.create_guest(
            nickname=nickname, meeting_id=meeting_id, lifetime=GUEST_LIFETIME
        )
        try:
            async with ground.db.begin() as tx:
                # Again, now that nobody else uses or revokes it.
                invite, meeting = await self._open(tx, token, lock=True)
                _require_guests(invite, meeting)
                invite.uses += 1
                tx.add(_place(invite, card.id, is_guest=True))
                guest = Caller(user_id=card.id, username=card.username, email="", via="bearer")
                await ground.note(
                    tx,
                    "guest.entered",
                    guest,
                    meeting_id,
                    target=f"invite:{invite.id}",
                    details={"nickname": nickname},
                )
        except BaseException:
            await ground.users.disable_guests(user_ids=[card.id])
            raise
        return card, guest_token, meeting_id

    async def _open(
        self, tx: AsyncSession, token: str, *, lock: bool = False, again: bool = False
    ) -> tuple[InviteRow, MeetingRow]:
        """The link and where it leads; `again`: for somebody who came by it before."""
        now: datetime = self._context.clock.now()
        invite = await invite_store.find_invite(tx, _hash(token), lock=lock)
        if invite is None or invite.revoked_at is not None or invite.expires_at <= now:
            raise InviteNotFound
        if invite.max_uses is not None and invite.uses >= invite.max_uses and not again:
            raise InviteNotFound
        meeting = await store.find_meeting(tx, MeetingId(invite.meeting_id))
        if meeting is None:
            raise InviteNotFound
        if not rules.is_open(meeting):
            raise MeetingOver
        return invite, meeting

    async def _send_guests_home(self, event: MeetingEnded) -> None:
        async with self._context.db.read() as tx:
            guests = await invite_store.list_guests(tx, meeting_id=event.meeting_id)
        await self._disable(guests)

    async def _disable(self, guests: list[UserId]) -> None:
        for start in range(0, len(guests), _AT_ONCE):
            await self._context.users.disable_guests(user_ids=guests[start : start + _AT_ONCE])


def _takes_guests(invite: InviteRow, meeting: MeetingRow) -> bool:
    return invite.guests and meeting.settings.get("allow_guests") is True


def _require_guests(invite: InviteRow, meeting: MeetingRow) -> None:
    if not _takes_guests(invite, meeting):
        raise GuestsNotAllowed


def _place(invite: InviteRow, user_id: UserId, *, is_guest: bool) -> ParticipantRow:
    return ParticipantRow(
        meeting_id=invite.meeting_id,
        user_id=user_id,
        role=invite.role,
        status=int(ParticipantStatus.INVITED),
        invite_id=invite.id,
        is_guest=is_guest,
        # A link may pass from hand to hand: where there is a lobby, it leads there.
        admitted=invite.role != ParticipantRole.PARTICIPANT,
    )


def _hash(token: str) -> str:
    """192 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
