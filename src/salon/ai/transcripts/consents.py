"""What people agree to before anything is inferred from their voice."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from salon.ai.transcripts import store
from salon.ai.transcripts.errors import VoiceIsOff
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.ids import UserId


@dataclass(frozen=True, slots=True)
class Consent:
    """What one person agrees to, and whether it means anything here."""

    mood_from_voice: bool
    allowed_here: bool
    changed_at: datetime | None
    """None: never asked."""


class Consents:
    """Asks nothing by itself: without a yes the answer is no.

    Args:
        allowed_here: whether this deployment infers anything from voices at all.
    """

    def __init__(self, *, db: Database, clock: Clock, allowed_here: bool) -> None:
        self._db = db
        self._clock = clock
        self._allowed_here = allowed_here

    async def get(self, caller: Caller) -> Consent:
        """What the caller has agreed to."""
        async with self._db.read() as tx:
            row = await store.find_consent(tx, caller.user_id)
        return Consent(
            mood_from_voice=row is not None and row.mood_from_voice,
            allowed_here=self._allowed_here,
            changed_at=row.changed_at if row is not None else None,
        )

    async def change(self, caller: Caller, *, mood_from_voice: bool) -> Consent:
        """Give or withdraw consent. A withdrawal is always possible.

        Raises:
            VoiceIsOff: consent to what does not happen here.
        """
        if mood_from_voice and not self._allowed_here:
            raise VoiceIsOff
        now = self._clock.now()
        entry = AuditEntry(
            action="consent.given" if mood_from_voice else "consent.withdrawn",
            actor_id=caller.user_id,
            actor_name=caller.username,
            target=f"user:{caller.user_id}",
            details={"to": "mood_from_voice"},
        )
        async with self._db.begin() as tx:
            await store.keep_consent(tx, caller.user_id, mood_from_voice=mood_from_voice, now=now)
            await record(tx, entry, now=now)
        return Consent(mood_from_voice, self._allowed_here, now)

    async def who_agreed(self, user_ids: Collection[UserId]) -> set[UserId]:
        """Those from whose voice a mood may be inferred now. At most 500 ids."""
        if not self._allowed_here or not user_ids:
            return set()
        async with self._db.read() as tx:
            found = await store.list_consenting(tx, list(user_ids))
        return {UserId(number) for number in found}
