"""The tables of transcripts and consents, and their queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    Integer,
    Select,
    String,
    Text,
    column,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.ai.transcripts.words import Term, for_postgresql, for_sqlite
from salon.platform.db import Base, UtcDateTime


class LineRow(Base):
    """One line of a meeting's transcript.

    Its full text index has a name that begins with `migrations.SEARCH` and is made by the migration: on
    SQLite an FTS5 table that triggers keep in step, on PostgreSQL a GIN index.
    """

    __tablename__ = "transcript_lines"
    __table_args__ = (
        Index(None, "meeting_id", "started_at", "id"),
        Index(None, "started_at"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(String(64), unique=True)
    meeting_id: Mapped[int]
    user_id: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(100))
    speaker_key: Mapped[str] = mapped_column(String(128))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    words: Mapped[list[tuple[float, float, str]]] = mapped_column(JSON)
    """Begin and end in seconds from the line's begin, and the word."""
    search: Mapped[str] = mapped_column(Text)
    """The text as it is indexed; see `words`."""


class VoiceNoteRow(Base):
    """A change of what was thought of somebody's voice in a meeting."""

    __tablename__ = "voice_notes"
    __table_args__ = (Index(None, "meeting_id", "at", "id"), Index(None, "at"), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int]
    user_id: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(100))
    state: Mapped[Literal["suspicious", "ok"]] = mapped_column(String(16))
    score: Mapped[float]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ConsentRow(Base):
    """What one person has agreed to."""

    __tablename__ = "ai_consents"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mood_from_voice: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Span:
    """Lines that are spoken in this time, in part or wholly; None: no limit on that side."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a transcript is."""

    meeting_id: int
    started_at: datetime
    ended_at: datetime
    line_count: int


EVERYTHING = Span()


async def add(tx: AsyncSession, values: dict[str, Any]) -> None:
    """Keep a line; a line of the same `line_id` stays as it is."""
    made = sqlite.insert(LineRow) if _is_sqlite(tx) else postgresql.insert(LineRow)
    await tx.execute(made.values(**values).on_conflict_do_nothing(index_elements=["line_id"]))


async def add_note(tx: AsyncSession, values: dict[str, Any]) -> None:
    """Keep a note about a voice."""
    await tx.execute(insert(VoiceNoteRow).values(**values))


async def list_notes(tx: AsyncSession, meeting_id: int, *, limit: int) -> tuple[Sequence[VoiceNoteRow], int]:
    """The first notes about voices of a meeting, oldest first; and how many there are."""
    own = VoiceNoteRow.meeting_id == meeting_id
    total = (await tx.execute(select(func.count()).select_from(VoiceNoteRow).where(own))).scalar_one()
    query = select(VoiceNoteRow).where(own).order_by(VoiceNoteRow.at, VoiceNoteRow.id).limit(limit)
    return (await tx.execute(query)).scalars().all(), total


def matches(tx: AsyncSession, terms: tuple[Term, ...]) -> ColumnElement[bool]:
    """The condition that all terms occur in a line."""
    if _is_sqlite(tx):
        index = table("transcript_search", column("rowid", Integer))
        found = select(index.c.rowid).where(
            literal_column("transcript_search").op("MATCH", is_comparison=True)(for_sqlite(terms))
        )
        return LineRow.id.in_(found)
    # Written as in the index, or PostgreSQL would not use it.
    simple: ColumnElement[str] = literal_column("'simple'")
    return func.to_tsvector(simple, LineRow.search).bool_op("@@")(
        func.to_tsquery(simple, for_postgresql(terms))
    )


async def list_transcripts(
    tx: AsyncSession, meeting_ids: Sequence[int], terms: tuple[Term, ...], *, offset: int, limit: int
) -> tuple[list[int], int]:
    """Those of the meetings that have a transcript in which the terms occur, newest first; and how many."""
    if not meeting_ids:
        return [], 0
    chosen = (
        select(LineRow.meeting_id).where(LineRow.meeting_id.in_(meeting_ids)).group_by(LineRow.meeting_id)
    )
    if terms:
        chosen = chosen.where(matches(tx, terms))
    total = (await tx.execute(select(func.count()).select_from(chosen.subquery()))).scalar_one()
    newest = chosen.order_by(func.max(LineRow.started_at).desc(), LineRow.meeting_id.desc())
    return list((await tx.execute(newest.offset(offset).limit(limit))).scalars()), total


async def extents(tx: AsyncSession, meeting_ids: Sequence[int], span: Span = EVERYTHING) -> dict[int, Extent]:
    """How long these meetings' transcripts are; those without one are left out."""
    query = (
        select(LineRow.meeting_id, func.min(LineRow.started_at), func.max(LineRow.ended_at), func.count())
        .where(LineRow.meeting_id.in_(meeting_ids), *_within(span))
        .group_by(LineRow.meeting_id)
    )
    return {row[0]: Extent(*row) for row in await tx.execute(query)}


async def list_speakers(tx: AsyncSession, meeting_ids: Sequence[int], *, limit: int) -> dict[int, list[str]]:
    """Who speaks in these meetings, in the order of their first line; at most `limit` of each."""
    first = func.min(LineRow.started_at)
    query = (
        select(LineRow.meeting_id, func.max(LineRow.speaker))
        .where(LineRow.meeting_id.in_(meeting_ids))
        .group_by(LineRow.meeting_id, LineRow.user_id)
        .order_by(first)
    )
    found: dict[int, list[str]] = {number: [] for number in meeting_ids}
    for number, name in await tx.execute(query):
        if len(found[number]) < limit:
            found[number].append(name)
    return found


async def list_hits(
    tx: AsyncSession, meeting_ids: Sequence[int], terms: tuple[Term, ...], *, limit: int
) -> dict[int, list[LineRow]]:
    """The first lines of each meeting in which the terms occur; at most `limit` of each."""
    place = func.row_number().over(partition_by=LineRow.meeting_id, order_by=(LineRow.started_at, LineRow.id))
    ranked = (
        select(LineRow.id, place.label("place"))
        .where(LineRow.meeting_id.in_(meeting_ids), matches(tx, terms))
        .subquery()
    )
    query = (
        select(LineRow)
        .join(ranked, ranked.c.id == LineRow.id)
        .where(ranked.c.place <= limit)
        .order_by(LineRow.started_at, LineRow.id)
    )
    found: dict[int, list[LineRow]] = {number: [] for number in meeting_ids}
    for row in (await tx.execute(query)).scalars():
        found[row.meeting_id].append(row)
    return found


def _within(span: Span) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if span.since is not None:
        filters.append(LineRow.ended_at > span.since)
    if span.until is not None:
        filters.append(LineRow.started_at < span.until)
    return filters


def _lines(meeting_id: int, span: Span) -> Select[LineRow]:
    query = select(LineRow).where(LineRow.meeting_id == meeting_id, *_within(span))
    return query.order_by(LineRow.started_at, LineRow.id)


async def page(
    tx: AsyncSession, meeting_id: int, span: Span, *, offset: int, limit: int
) -> Sequence[LineRow]:
    """Lines of a meeting, in the order in which they were begun."""
    return (await tx.execute(_lines(meeting_id, span).offset(offset).limit(limit))).scalars().all()


async def lines_after(
    tx: AsyncSession, meeting_id: int, span: Span, after: LineRow | None, *, limit: int
) -> Sequence[LineRow]:
    """The lines that follow this one, or the first ones."""
    query = _lines(meeting_id, span)
    if after is not None:
        is_later = LineRow.started_at > after.started_at
        is_next = (LineRow.started_at == after.started_at) & (LineRow.id > after.id)
        query = query.where(or_(is_later, is_next))
    return (await tx.execute(query.limit(limit))).scalars().all()


async def remove(tx: AsyncSession, meeting_id: int, *, before: datetime | None = None) -> tuple[int, int]:
    """Forget what was said in a meeting, or what was said there before a moment.

    Returns:
        how many lines that were, and how many notes about voices.
    """
    lines = delete(LineRow).where(LineRow.meeting_id == meeting_id)
    notes = delete(VoiceNoteRow).where(VoiceNoteRow.meeting_id == meeting_id)
    if before is not None:
        lines = lines.where(LineRow.started_at < before)
        notes = notes.where(VoiceNoteRow.at < before)
    gone = [
        (await tx.execute(lines.returning(LineRow.id))).scalars().all(),
        (await tx.execute(notes.returning(VoiceNoteRow.id))).scalars().all(),
    ]
    return len(gone[0]), len(gone[1])


async def remove_person(tx: AsyncSession, user_ids: Sequence[int]) -> None:
    """Forget what these people said anywhere, what was noted of it, and what they have agreed to."""
    await tx.execute(delete(LineRow).where(LineRow.user_id.in_(user_ids)))
    await tx.execute(delete(VoiceNoteRow).where(VoiceNoteRow.user_id.in_(user_ids)))
    await tx.execute(delete(ConsentRow).where(ConsentRow.user_id.in_(user_ids)))


async def list_expired(tx: AsyncSession, before: datetime, *, limit: int) -> Sequence[int]:
    """Meetings with lines or notes from before a moment."""
    lines = select(LineRow.meeting_id).where(LineRow.started_at < before)
    notes = select(VoiceNoteRow.meeting_id).where(VoiceNoteRow.at < before)
    found = lines.union(notes).subquery()
    return (await tx.execute(select(found.c.meeting_id).limit(limit))).scalars().all()


async def list_meetings(tx: AsyncSession, *, above: int, limit: int) -> Sequence[int]:
    """Meetings of which something is kept, by their ids."""
    lines = select(LineRow.meeting_id).where(LineRow.meeting_id > above)
    notes = select(VoiceNoteRow.meeting_id).where(VoiceNoteRow.meeting_id > above)
    known = lines.union(notes).subquery()
    query = select(known.c.meeting_id).order_by(known.c.meeting_id).limit(limit)
    return (await tx.execute(query)).scalars().all()


async def list_people(tx: AsyncSession, *, above: int, limit: int) -> Sequence[int]:
    """People of whom something is kept, by their ids."""
    spoke = select(LineRow.user_id).where(LineRow.user_id > above)
    noted = select(VoiceNoteRow.user_id).where(VoiceNoteRow.user_id > above)
    agreed = select(ConsentRow.user_id).where(ConsentRow.user_id > above)
    known = spoke.union(noted, agreed).subquery()
    query = select(known.c.user_id).order_by(known.c.user_id).limit(limit)
    return (await tx.execute(query)).scalars().all()


async def find_consent(tx: AsyncSession, user_id: int, *, lock: bool = False) -> ConsentRow | None:
    """What a person has agreed to."""
    query = select(ConsentRow).where(ConsentRow.user_id == user_id)
    return (await tx.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def keep_consent(tx: AsyncSession, user_id: int, *, mood_from_voice: bool, now: datetime) -> None:
    """Remember what a person has agreed to, in place of what was before."""
    await tx.execute(delete(ConsentRow).where(ConsentRow.user_id == user_id))
    await tx.execute(
        insert(ConsentRow).values(user_id=user_id, mood_from_voice=mood_from_voice, changed_at=now)
    )


async def list_consenting(tx: AsyncSession, user_ids: Sequence[int]) -> Sequence[int]:
    """Those of the people from whose voice a mood may be inferred."""
    query = select(ConsentRow.user_id).where(ConsentRow.user_id.in_(user_ids), ConsentRow.mood_from_voice)
    return (await tx.execute(query)).scalars().all()


def _is_sqlite(tx: AsyncSession) -> bool:
    return tx.get_bind().dialect.name == "sqlite"
