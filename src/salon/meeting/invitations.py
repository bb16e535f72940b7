"""Invitations by mail, with what a calendar needs to take the meeting up, to move it, and to drop it."""

import html
from collections.abc import Sequence
from datetime import datetime

import structlog

from salon.meeting import calendar, rules, series_store, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.calendar import Method, Organizer
from salon.meeting.context import Context
from salon.meeting.errors import AlreadyOver
from salon.meeting.face import MeetingChanged, MeetingEnded, MeetingId, MeetingStatus
from salon.meeting.series_store import LetterRow
from salon.meeting.store import MeetingRow
from salon.platform.auth import Caller
from salon.platform.envelope import rfc3339_seconds
from salon.platform.ids import UserId
from salon.platform.mail import Attachment, Letter, Mailer, MailQueueFull
from salon.platform.quotas import Quota

log = structlog.get_logger()


class Invitations:
    """Writes to people outside, and tells them when the meeting moves or is off."""

    def __init__(self, context: Context, mailer: Mailer) -> None:
        self._context = context
        self._mailer = mailer

    def start(self) -> None:
        """Follow the meetings: changes and cancellations are mailed."""
        self._context.bus.subscribe(MeetingChanged, self._handle_changed)
        self._context.bus.subscribe(MeetingEnded, self._handle_ended)

    async def calendar_of(self, caller: Caller, meeting_id: MeetingId, *, base_url: str) -> bytes:
        """The meeting, or the whole series it belongs to, as an iCalendar file.

        Raises:
            MeetingNotFound, NotAMember: see the door.
        """
        ground = self._context
        async with ground.db.read() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.KNOW)
            meeting, series, occurrences = entry.meeting, None, []
            if meeting.series_id is not None:
                series = await series_store.find_series(tx, meeting.series_id)
                occurrences = list(await series_store.list_occurrences(tx, meeting.series_id))
        link, organizer = f"{base_url}/m/{meeting.id}", await self._organizer(meeting)
        now = ground.clock.now()
        if series is not None and occurrences:
            return calendar.whole_series(series, occurrences, link=link, organizer=organizer, now=now)
        return calendar.single(meeting, link=link, organizer=organizer, now=now)

    async def send(
        self,
        caller: Caller,
        meeting_id: MeetingId,
        *,
        emails: Sequence[str],
        message: str,
        base_url: str,
    ) -> list[str]:
        """Mail the invitation; answers the addresses it goes to. Twice to one address is a reminder.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            AlreadyOver: the meeting has ended.
            TooManyRequests: too many letters in a short while.
            MailQueueFull: too many wait to be sent.
        """
        ground = self._context
        addresses = list(dict.fromkeys(email.strip().casefold() for email in emails))
        for _ in addresses:
            await ground.quotas.take(Quota.INVITE_MAIL, str(caller.user_id))
        now = ground.clock.now()
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            meeting = entry.meeting
            if not rules.is_open(meeting):
                raise AlreadyOver
            known = {row.email: row for row in await series_store.list_letters(tx, meeting_id, lock=True)}
            for address in addresses:
                row = known.get(address)
                if row is None:
                    tx.add(
                        LetterRow(
                            meeting_id=meeting_id,
                            email=address,
                            sequence=meeting.sequence,
                            base_url=base_url[:255],
                            sent_at=now,
                        )
                    )
                else:
                    row.sequence, row.sent_at = meeting.sequence, now
            await ground.note(tx, "invitation.mailed", caller, meeting_id, details={"count": len(addresses)})
        organizer = await self._organizer(meeting)
        for address in addresses:
            letter = _write(
                meeting, organizer, address, base_url=base_url, method="REQUEST", message=message, now=now
            )
            await self._mailer.send(letter)
        return addresses

    async def _handle_changed(self, event: MeetingChanged) -> None:
        """Tell those who were told of an older state."""
        ground = self._context
        now = ground.clock.now()
        async with ground.db.begin() as tx:
            meeting = await store.find_meeting(tx, event.meeting_id)
            if meeting is None or not rules.is_open(meeting):
                return
            letters = await series_store.list_letters(tx, event.meeting_id, lock=True)
            stale = [row for row in letters if row.sequence < meeting.sequence]
            for row in stale:
                row.sequence, row.sent_at = meeting.sequence, now
        await self._mail_all(meeting, stale, "REQUEST", now)

    async def _handle_ended(self, event: MeetingEnded) -> None:
        """A meeting that was called off is taken out of calendars; one that took place stays in them."""
        ground = self._context
        now = ground.clock.now()
        async with ground.db.begin() as tx:
            meeting = await store.find_meeting_or_deleted(tx, event.meeting_id)
            if meeting is None or meeting.status != MeetingStatus.CANCELLED:
                return
            letters = await series_store.list_letters(tx, event.meeting_id, lock=True)
            for row in letters:
                row.cancelled_at = now
        await self._mail_all(meeting, letters, "CANCEL", now)

    async def _mail_all(
        self, meeting: MeetingRow, letters: Sequence[LetterRow], method: Method, now: datetime
    ) -> None:
        if not letters:
            return
        organizer = await self._organizer(meeting)
        for row in letters:
            letter = _write(
                meeting, organizer, row.email, base_url=row.base_url, method=method, message="", now=now
            )
            try:
                await self._mailer.send(letter)
            except MailQueueFull:
                log.warning("invitation.not_mailed", meeting_id=meeting.id, method=method)

    async def _organizer(self, meeting: MeetingRow) -> Organizer:
        cards = await self._context.users.cards(user_ids=[UserId(meeting.creator_id)])
        card = cards.get(UserId(meeting.creator_id))
        name = (card.nickname or card.username) if card else "Salon"
        # The sender's address, not the person's: it is the one that answers come back to, and no secret.
        return Organizer(name=name, email=self._mailer.sender_address)


def _write(
    meeting: MeetingRow,
    organizer: Organizer,
    address: str,
    *,
    base_url: str,
    method: Method,
    message: str,
    now: datetime,
) -> Letter:
    link = f"{base_url}/m/{meeting.id}"
    event = calendar.single(meeting, link=link, organizer=organizer, method=method, attendee=address, now=now)
    is_off = method == "CANCEL"
    heading = f"Cancelled · 已取消: {meeting.title}" if is_off else f"{meeting.title} · 会议邀请"
    when = f"{rfc3339_seconds(meeting.start_time)} – {rfc3339_seconds(meeting.end_time)} (UTC)"
    lines = [
        f"{organizer.name} {'has called off' if is_off else 'invites you to'} “{meeting.title}”.",
        f"{organizer.name} {'取消了' if is_off else '邀请你参加'}“{meeting.title}”。",
        when,
        *([] if is_off else [link]),
        *([message] if message else []),
    ]
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line != link)
    button = (
        ""
        if is_off
        else f'<p><a href="{html.escape(link)}" style="display:inline-block;padding:.6em 1.2em;'
        'border-radius:.6em;background:#3b5bdb;color:#fff;text-decoration:none">Join · 加入会议</a></p>'
    )
    return Letter(
        to=address,
        subject=heading,
        text="\n\n".join(lines) + "\n",
        html=f'<div style="font:16px/1.5 system-ui,sans-serif;max-width:32rem">{body}{button}</div>',
        calendar=event,
        calendar_method=method,
        attachments=(Attachment("invite.ics", "text/calendar", event),),
    )
