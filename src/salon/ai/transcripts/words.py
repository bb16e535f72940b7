"""Text as it is indexed and as it is looked for: the same pieces on every database. Pure.

Chinese and Japanese have no blanks between words: their text is cut into overlapping pairs of characters, so
that every word of two characters or more is a run of pairs. Other scripts are cut into lower-case words.
What comes out holds letters, digits and blanks only, so no database's own parser has anything to decide.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORD = 64
"""Characters of a word that count."""

_SHORTEST_BEGIN = 3
"""Words of fewer letters are looked for whole: nearly every word begins with some two letters."""

_IDEOGRAPHS = (
    "\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{_IDEOGRAPHS}]+|[^\\W_{_IDEOGRAPHS}]+")
_IS_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")


@dataclass(frozen=True, slots=True)
class Term:
    """Something that has to occur: these pieces, one after the other."""

    pieces: tuple[str, ...]
    is_begin: bool
    """The one piece is how the word begins."""


def index_text(text: str) -> str:
    """What is indexed for a text."""
    return " ".join(piece for run in _runs(text) for piece in _pieces(run, is_indexed=True))


def read_query(text: str) -> tuple[Term, ...]:
    """What a person looks for; empty if there is no letter and no digit in it."""
    found: dict[Term, None] = {}
    for run in _runs(text):
        pieces = tuple(_pieces(run, is_indexed=False))
        is_begin = len(pieces) == 1 and (
            len(run) == 1 if is_ideographic(run) else len(run) >= _SHORTEST_BEGIN
        )
        found[Term(pieces, is_begin)] = None
    return tuple(found)


def for_sqlite(terms: tuple[Term, ...]) -> str:
    """The terms as FTS5 wants them."""
    return " AND ".join(f'"{" ".join(term.pieces)}"{"*" if term.is_begin else ""}' for term in terms)


def for_postgresql(terms: tuple[Term, ...]) -> str:
    """The terms as `to_tsquery` wants them."""
    return " & ".join(
        "(" + " <-> ".join(f"'{piece}'{':*' if term.is_begin else ''}" for piece in term.pieces) + ")"
        for term in terms
    )


def is_ideographic(text: str) -> bool:
    """Whether there is Chinese or Japanese in it."""
    return _IS_IDEOGRAPH.search(text) is not None


def _runs(text: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Vowel signs and the like: databases would take words apart at them.
    letters = "".join(char for char in folded if not unicodedata.category(char).startswith("M"))
    for found in _RUN.finditer(letters):
        run = "".join(filter(str.isalnum, found[0]))
        if run:
            yield run


def _pieces(run: str, *, is_indexed: bool) -> Iterator[str]:
    if not is_ideographic(run):
        yield run[:LONGEST_WORD]
        return
    for start in range(max(1, len(run) - 1)):
        yield run[start : start + 2]
    # The last character begins no pair; by itself it can be found, too.
    if is_indexed and len(run) > 1:
        yield run[-1]
