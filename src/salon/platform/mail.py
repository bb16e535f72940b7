"""Letters: queued at once, sent in the background, tried again, and never lost without a word."""

import asyncio
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path

import aiosmtplib
import structlog
from prometheus_client import CollectorRegistry, Counter

from salon.platform.errors import Unavailable
from salon.settings import MailSettings

log = structlog.get_logger()

MAX_WAITING = 1000
TRIES = 5
FIRST_PAUSE_S = 5.0
"""Doubles after every try: a mail server that restarts is back within a minute or two."""

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person."""

    to: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    calendar: bytes | None = None
    """An iCalendar object that the reader's calendar should act on (RFC 6047)."""
    calendar_method: str = "REQUEST"


class MailQueueFull(Unavailable):
    """More letters wait than are kept."""

    kind = "mail_queue_full"
    text = "Too many letters are waiting to be sent. Try again in a few minutes."


class Mailer:
    """Sends letters by SMTP; without a server they are laid into a folder as ``.eml`` files."""

    def __init__(self, settings: MailSettings, *, folder: Path, registry: CollectorRegistry) -> None:
        self._settings = settings
        self._folder = folder
        self._queue: asyncio.Queue[Letter] = asyncio.Queue(MAX_WAITING)
        self._worker: asyncio.Task[None] | None = None
        self._letters = Counter(
            "salon_mail_letters_total", "Letters, by what became of them.", ["outcome"], registry=registry
        )

    @property
    def sender_address(self) -> str:
        """Where letters come from, without the name."""
        return parseaddr(self._settings.sender)[1]

    def start(self) -> None:
        """Begin to send."""
        self._worker = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; letters that still wait are laid into the folder."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
            self._worker = None
        while not self._queue.empty():
            self._keep(self._queue.get_nowait())

    async def send(self, letter: Letter) -> None:
        """Queue a letter; returns at once.

        Raises:
            MailQueueFull: too many wait already.
        """
        try:
            self._queue.put_nowait(letter)
        except asyncio.QueueFull as fault:
            raise MailQueueFull from fault

    async def _run(self) -> None:
        while True:
            letter = await self._queue.get()
            try:
                await self._deliver(letter)
            except asyncio.CancelledError:
                self._keep(letter)
                raise
            except Exception:  # the supervisor of letters: one that fails must not keep the others
                self._letters.labels("failed").inc()
                log.exception("mail.failed")
                with suppress(OSError):
                    self._keep(letter)

    async def _deliver(self, letter: Letter) -> None:
        if not self._settings.host:
            self._keep(letter)
            return
        pause_s = FIRST_PAUSE_S
        for attempt in range(1, TRIES + 1):
            try:
                await self._post(letter)
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as fault:
                log.warning("mail.try_failed", attempt=attempt, fault=type(fault).__name__)
                is_final = isinstance(fault, aiosmtplib.SMTPRecipientsRefused) or attempt == TRIES
                if is_final:
                    self._letters.labels("failed").inc()
                    self._keep(letter)
                    return
            else:
                self._letters.labels("sent").inc()
                return
            await asyncio.sleep(pause_s)
            pause_s *= 2

    async def _post(self, letter: Letter) -> None:
        settings = self._settings
        await aiosmtplib.send(
            compose(letter, sender=settings.sender),
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password.get_secret_value() if settings.password else None,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            timeout=TIMEOUT_S,
        )

    def _keep(self, letter: Letter) -> None:
        """Lay it down as a file that mail programs open. It may hold a code: for this account's eyes only."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        message = compose(letter, sender=self._settings.sender)
        path = (
            self._folder
            / f"{formatdate()[5:25].replace(' ', '-').replace(':', '')}-{secrets.token_hex(4)}.eml"
        )
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(message))
        self._letters.labels("kept").inc()
        log.warning("mail.kept", file=str(path), hint="set SALON_MAIL_HOST to have letters sent")


def compose(letter: Letter, *, sender: str) -> EmailMessage:
    """The letter as a message (RFC 5322), its calendar part as RFC 6047 wants it."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">") or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    if letter.calendar is not None:
        # As the last alternative: calendars take it up, other readers show the text.
        message.add_alternative(
            letter.calendar.decode(),
            subtype="calendar",
            params={"method": letter.calendar_method, "charset": "utf-8"},
        )
    for attachment in letter.attachments:
        kind, _, subtype = attachment.content_type.partition("/")
        message.add_attachment(
            attachment.content, maintype=kind, subtype=subtype, filename=attachment.filename
        )
    return message
