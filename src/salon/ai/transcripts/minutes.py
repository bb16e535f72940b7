"""Minutes of a meeting: sentences that were said, chosen by their own words. Pure.

Nothing is put in other words, and nothing stands here without the line that it was said in. The cues are
ours; they rather miss something than take small talk for a task.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from salon.ai.transcripts import cues
from salon.ai.transcripts.model import Line
from salon.ai.transcripts.words import is_ideographic
from salon.platform.ids import UserId

Kind = Literal["decision", "task", "question"]

MAX_ITEMS = 500
"""Of all kinds together; the first ones."""

# After a full stop a sentence begins with a capital or in another script: "3.5", "e.g. this" go on.
_ENDS = re.compile(r"(?<=[。！？；])\s*|(?<=[!?])\s+|(?<=[a-z0-9\"')\]][.…])\s+(?=[^a-z\s])|\s*\n\s*")
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|No|e\.g|i\.e|etc)\.$")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence was said."""

    line_id: str
    started_at: datetime
    speaker: str


@dataclass(slots=True)
class Item:
    """A sentence that matters, and everywhere it was said."""

    kind: Kind
    text: str
    citations: list[Citation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SpeakingTime:
    """How long somebody spoke."""

    user_id: UserId
    speaker: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Minutes:
    """What came out of a meeting."""

    items: list[Item]
    speaking_time: list[SpeakingTime]
    """Who spoke longest comes first."""


def sum_up(lines: Sequence[Line]) -> Minutes:
    """Minutes of a transcript, whose lines come in the order in which they were begun."""
    found: dict[tuple[Kind, str], Item] = {}
    for line in lines:
        for sentence in sentences_of(line.text):
            kind = kind_of(sentence)
            if kind is None:
                continue
            # Said again in the same words, it is the same.
            key = kind, "".join(char for char in sentence.casefold() if char.isalnum())
            if key not in found and len(found) >= MAX_ITEMS:
                continue
            item = found.setdefault(key, Item(kind, sentence))
            if not item.citations or item.citations[-1].line_id != line.line_id:
                item.citations.append(Citation(line.line_id, line.started_at, line.speaker))
    return Minutes(list(found.values()), speaking_time_of(lines))


def sentences_of(text: str) -> Iterator[str]:
    """The sentences of what one person said in one breath."""
    begun = ""
    for part in _ENDS.split(text):
        begun = f"{begun} {part}" if begun else part
        if not _ABBREVIATED.search(begun):
            if begun.strip():
                yield begun.strip()
            begun = ""
    if begun.strip():
        yield begun.strip()


def kind_of(sentence: str) -> Kind | None:
    """What a sentence is in minutes; None: nothing."""
    rules = []
    if is_ideographic(sentence):
        rules.append(cues.CHINESE)
    if not rules or len(_LATIN_WORD.findall(sentence)) >= 3:
        rules.append(cues.ENGLISH)
    plain = sentence.replace("’", "'")
    for language in rules:
        if language.is_decision(plain):
            return "decision"
        if language.is_task(plain):
            return "task"
    return "question" if any(language.is_question(plain) for language in rules) else None


def speaking_time_of(lines: Sequence[Line]) -> list[SpeakingTime]:
    """How long each person spoke; lines of one person that overlap count once."""
    spoken: dict[UserId, float] = {}
    until: dict[UserId, datetime] = {}
    names: dict[UserId, str] = {}
    for line in lines:
        start = max(line.started_at, until.get(line.user_id, line.started_at))
        spoken[line.user_id] = spoken.get(line.user_id, 0.0) + max(
            0.0, (line.ended_at - start).total_seconds()
        )
        until[line.user_id] = max(line.ended_at, start)
        names[line.user_id] = line.speaker
    ordered = sorted(spoken, key=lambda user_id: -spoken[user_id])
    return [SpeakingTime(user_id, names[user_id], round(spoken[user_id], 3)) for user_id in ordered]
