"""A forgotten password: a mailed code, good once and not for long."""

import asyncio
import hashlib
import hmac
import html
import secrets
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from salon.platform.audit import AuditEntry, client_address, record
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import BadRequest
from salon.platform.ids import UserId
from salon.platform.mail import Letter, Mailer, MailQueueFull
from salon.platform.passwords import Passwords
from salon.platform.quotas import Quota, Quotas
from salon.user import store
from salon.user.face import UserStatus
from salon.user.sign_ins import SignIns
from salon.user.store import ResetCodeRow, UserRow

log = structlog.get_logger()

LIFETIME = timedelta(minutes=30)
MAX_TRIES = 5
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 8
"""Eight of 32 letters are 40 bits; five tries in half an hour leave a guesser one chance in 2 * 10^11."""

_MAX_PENDING = 100
_REFUSED = "This code is not valid (any more). Ask for a new one."


class PasswordResets:
    """Sends codes and takes them back for a new password."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        passwords: Passwords,
        quotas: Quotas,
        sign_ins: SignIns,
        mailer: Mailer,
        key: bytes,
    ) -> None:
        self._db = db
        self._clock = clock
        self._passwords = passwords
        self._quotas = quotas
        self._sign_ins = sign_ins
        self._mailer = mailer
        self._key = hmac.digest(key, b"salon reset codes", "sha256")
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Let the letters that are being written be written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def request(self, email: str) -> None:
        """Mail a code, if there is such an account; the answer and its time are the same if not.

        Raises:
            TooManyRequests: too many for this address or from this network.
        """
        await self._quotas.take(Quota.RESET, f"network:{client_address.get()}")
        await self._quotas.take(Quota.RESET, f"email:{store.fold(email)}")
        if len(self._tasks) >= _MAX_PENDING:
            log.warning("reset.dropped", pending=len(self._tasks))
            return
        # Behind the answer's back: looking, writing and mailing take time that tells who has an account.
        task = asyncio.create_task(self._send(email))
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("reset.failed", exc_info=task.exception())

    async def _send(self, email: str) -> None:
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        try:
            async with self._db.begin() as tx:
                user = await store.find_user_by_login(tx, email)
                if user is None or user.status != UserStatus.ACTIVE or user.email_key != store.fold(email):
                    return
                await store.remove_reset_code(tx, UserId(user.id))
                tx.add(
                    ResetCodeRow(
                        user_id=user.id,
                        code_hash=self._hash(user.id, code),
                        tries=0,
                        expires_at=self._clock.now() + LIFETIME,
                    )
                )
                entry = AuditEntry(
                    action="user.reset_requested",
                    actor_id=None,
                    actor_name="",
                    target=f"user:{user.id}",
                )
                await record(tx, entry, now=self._clock.now())
        except IntegrityError:
            log.info("reset.requested_twice_at_once")
            return
        try:
            await self._mailer.send(_write(user, code))
        except MailQueueFull:
            log.warning("reset.not_mailed", user_id=user.id)

    async def reset(self, *, email: str, code: str, password: str) -> None:
        """Set a new password; everything signed in with the old one ends.

        Raises:
            BadRequest: the code is wrong, used, or too old; or the password is refused.
            TooManyRequests: too many tries.
        """
        await self._quotas.take(Quota.RESET_CODE, f"network:{client_address.get()}")
        await self._quotas.take(Quota.RESET_CODE, f"email:{store.fold(email)}")
        # Before the look: the time it takes must not depend on whether there is such an account.
        hashed = await self._passwords.hash(password)
        async with self._db.begin() as tx:
            user = await store.find_user_by_login(tx, email)
            is_right = user is not None and user.email_key == store.fold(email)
            if user is not None and is_right:
                is_right = await self._take(tx, user, code)
            if user is not None and is_right:
                user.password_hash = hashed
                user.updated_at = self._clock.now()
                self._sign_ins.end_all(user)
                await store.remove_reset_code(tx, UserId(user.id))
                entry = AuditEntry(
                    action="user.password_reset",
                    actor_id=UserId(user.id),
                    actor_name=user.username,
                    target=f"user:{user.id}",
                )
                await record(tx, entry, now=self._clock.now())
            elif user is not None:
                entry = AuditEntry(
                    action="user.password_reset",
                    actor_id=None,
                    actor_name="",
                    target=f"user:{user.id}",
                    outcome="failed",
                )
                await record(tx, entry, now=self._clock.now())
        # After the commit: a wrong try has been counted.
        if user is None or not is_right:
            raise BadRequest(_REFUSED)
        log.info("user.password_reset", user_id=user.id)
        await self._sign_ins.announce(UserId(user.id))

    async def _take(self, tx: AsyncSession, user: UserRow, code: str) -> bool:
        row = await store.find_reset_code(tx, UserId(user.id))
        if row is None or row.expires_at <= self._clock.now() or row.tries >= MAX_TRIES:
            return False
        row.tries += 1
        typed = "".join(code.split()).replace("-", "").upper()
        return hmac.compare_digest(row.code_hash, self._hash(user.id, typed))

    def _hash(self, user_id: int, code: str) -> str:
        """Keyed: 40 bits alone would be found again from a stolen table."""
        return hmac.new(self._key, f"{user_id}:{code}".encode(), hashlib.sha256).hexdigest()


def _write(user: UserRow, code: str) -> Letter:
    name = user.nickname or user.username
    shown = f"{code[:4]}-{code[4:]}"
    minutes = int(LIFETIME.total_seconds()) // 60
    text = (
        f"Hello {name},\n\nthis code sets a new password for your Salon account:\n\n    {shown}\n\n"
        f"It works once, within {minutes} minutes. If you did not ask for it, ignore this letter: "
        "your password stays as it is.\n\n"
        f"你好，{name}：\n\n请用下面的验证码为你的 Salon 账号设置新密码：\n\n    {shown}\n\n"
        f"验证码 {minutes} 分钟内有效，只能使用一次。如果不是你本人操作，请忽略本邮件，密码不会改变。\n"
    )
    safe = html.escape(name)
    body = (
        '<div style="font:16px/1.5 system-ui,sans-serif;color:#1c1f26;max-width:32rem">'
        f"<p>Hello {safe},</p><p>this code sets a new password for your Salon account:</p>"
        f'<p style="font:600 28px/1.2 ui-monospace,monospace;letter-spacing:.12em">{shown}</p>'
        f"<p>It works once, within {minutes} minutes. If you did not ask for it, ignore this letter: "
        "your password stays as it is.</p><hr style='border:0;border-top:1px solid #e3e5ea'>"
        f"<p>你好，{safe}：</p><p>请用上面的验证码为你的 Salon 账号设置新密码，{minutes} 分钟内有效，"
        "只能使用一次。如果不是你本人操作，请忽略本邮件，密码不会改变。</p></div>"
    )
    return Letter(
        to=user.email, subject="Your code for a new Salon password · 重置密码验证码", text=text, html=body
    )
