"""What is indexed, and what is looked for: pieces that no database's parser changes."""

from __future__ import annotations

import pytest

from salon.ai.transcripts.words import Term, for_postgresql, for_sqlite, index_text, read_query


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Weekly REVIEW, isn't it?", "weekly review isn t it"),
        ("预算会议", "预算 算会 会议 议"),
        ("会", "会"),
        ("v2.5上线了", "v2 5 上线 线了 了"),
        ("カタカナ・ひらがな", "カタ タカ カナ ナ ひら らが がな な"),
        ("ｶﾞｷﾞ Ｆｕｌｌ", "ガギ ギ full"),
        ("Straße İstanbul", "strasse istanbul"),
        ("foo_bar 😀 -- \u200b \x00", "foo bar"),
        ("x" * 500, "x" * 64),
        ("", ""),
    ],
)
def test_text_is_cut_into_pieces(text: str, pieces: str) -> None:
    assert index_text(text) == pieces


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("review", (Term(("review",), True),)),
        ("an AN An", (Term(("an",), False),)),
        ("会", (Term(("会",), True),)),
        ("会议", (Term(("会议",), False),)),
        ("预算会议 v2", (Term(("预算", "算会", "会议"), False), Term(("v2",), False))),
        ('"AND" * NEAR(', (Term(("and",), True), Term(("near",), True))),
        ("😀 ☃ \u200b", ()),
    ],
)
def test_a_query_is_cut_in_the_same_way(query: str, terms: tuple[Term, ...]) -> None:
    assert read_query(query) == terms


def test_each_database_is_asked_in_its_own_words() -> None:
    terms = read_query("预算会议 review v2")
    assert for_sqlite(terms) == '"预算 算会 会议" AND "review"* AND "v2"'
    assert for_postgresql(terms) == "('预算' <-> '算会' <-> '会议') & ('review':*) & ('v2')"


@pytest.mark.parametrize(
    "text", ["' \" ( ) : * & | ! < > - \\ ; %", "a'b\"c\\d", "NUL\x00", "e\u0301", "ก็ได้"]
)
def test_nothing_but_letters_digits_and_blanks_comes_out(text: str) -> None:
    assert all(char == " " or char.isalnum() for char in index_text(text))
