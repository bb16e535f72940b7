"""Minutes of a meeting, and those that consist of sentences chosen by their own words. Pure.

Nothing stands in minutes without the lines that bear it out. What is chosen here is not put in other words;
the cues are ours, and rather miss something than take small talk for a task.
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

Fallback = Literal["no_answer", "bad_answer", "too_long", "busy"]
"""Why minutes are not the language model's: it did not answer or not in time, or nothing that counts; the
meeting is too long for it; too many meetings wait for it."""

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
    made_at: datetime
    made_by: str | None = None
    """The language model that worded the items; None: they are sentences that were said."""
    left_out: int = 0
    """Items of the language model that did not count, because nothing bears them out."""
    fallback: Fallback | None = None


class ItemList:
    """Items in the order in which they come up; what comes up again in the same words is the same."""

    def __init__(self) -> None:
        self._found: dict[tuple[Kind, str], Item] = {}
        self._cited: set[tuple[tuple[Kind, str], str]] = set()

    @property
    def items(self) -> list[Item]:
        """All of them, at most `MAX_ITEMS`."""
        return list(self._found.values())

    def add(self, kind: Kind, text: str, lines: Sequence[Line]) -> None:
        """Take an item, which is borne out by these lines."""
        key = kind, "".join(char for char in text.casefold() if char.isalnum())
        if key not in self._found and len(self._found) >= MAX_ITEMS:
            return
        item = self._found.setdefault(key, Item(kind, text))
        for line in lines:
            if (key, line.line_id) not in self._cited:
                self._cited.add((key, line.line_id))
                item.citations.append(Citation(line.line_id, line.started_at, line.speaker))


def sum_up(lines: Sequence[Line]) -> list[Item]:
    """Items of a transcript, whose lines come in the order in which they were begun."""
    found = ItemList()
    for line in lines:
        for sentence in sentences_of(line.text):
            kind = kind_of(sentence)
            if kind is not None:
                found.add(kind, sentence, [line])
    return found.items


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
