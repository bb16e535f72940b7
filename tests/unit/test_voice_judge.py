"""When a voice is called suspicious, and when no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.ai.live.hysteresis import CLEAR, LEAST_SCORED_S, RAISE, VoiceJudge

PIECES = st.floats(4, 8)
LOW = st.floats(0, RAISE, exclude_max=True)
HIGH = st.floats(RAISE, 1)
ANY = st.floats(0, 1)


def states(*fed: tuple[float, float]) -> list[str]:
    """The state after each score of so many seconds."""
    judge = VoiceJudge()
    found = []
    for score, seconds in fed:
        before = judge.state
        has_changed = judge.feed(score, seconds)
        assert has_changed == (judge.state != before)
        found.append(str(judge.state))
    return found


def test_nothing_is_said_of_little_speech() -> None:
    judge = VoiceJudge()
    assert (judge.state, judge.score) == ("no_data", None)
    judge.feed(1.0, 5)
    assert (judge.state, judge.score) == ("no_data", None)
    judge.feed(0.2, 4)
    assert judge.state == "ok"
    assert judge.score is not None


def test_a_first_piece_that_sounds_made_is_not_called_well() -> None:
    assert states((0.95, 7.0)) == ["no_data"]
    assert states((0.95, 7.0), (0.95, 7.0)) == ["no_data", "suspicious"]
    assert states((0.95, 7.0), (0.2, 7.0)) == ["no_data", "ok"]


def test_a_voice_that_turns_synthetic_is_found_and_one_that_is_human_again_is_cleared() -> None:
    told = states(*[(0.1, 5.0)] * 4, *[(0.97, 5.0)] * 8, *[(0.1, 5.0)] * 6)
    changes = [after for before, after in zip(["no_data", *told], told, strict=False) if before != after]
    assert changes == ["ok", "suspicious", "ok"]
    assert told[9] == "suspicious"  # after thirty seconds of it
    assert told[14] == "ok"  # and fifteen of a human


@given(st.lists(st.tuples(LOW, PIECES), max_size=20), st.tuples(ANY, PIECES), st.integers(0, 20))
def test_a_single_outlier_never_raises(
    pieces: list[tuple[float, float]], outlier: tuple[float, float], place: int
) -> None:
    fed = [*pieces[:place], outlier, *pieces[place:]]
    assert "suspicious" not in states(*fed)


@given(HIGH, st.lists(PIECES, min_size=5, max_size=5))
def test_constant_high_scores_raise_within_twenty_seconds(score: float, lengths: list[float]) -> None:
    told = states(*[(score, seconds) for seconds in lengths])
    heard_s = 0.0
    for state, seconds in zip(told, lengths, strict=True):
        heard_s += seconds
        if state == "suspicious":
            break
    assert state == "suspicious"
    assert heard_s <= 20


@given(
    st.lists(st.tuples(st.floats(CLEAR + 1e-6, RAISE - 1e-6), PIECES), min_size=1, max_size=40), st.booleans()
)
def test_what_lies_between_changes_nothing(between: list[tuple[float, float]], is_suspicious: bool) -> None:
    start = [(0.9 if is_suspicious else 0.3, 6.0)] * 3
    told = states(*start, *between)
    assert set(told[2:]) == {"suspicious" if is_suspicious else "ok"}


@given(st.lists(st.tuples(ANY, PIECES), max_size=40))
def test_it_never_flaps_and_the_score_is_one(fed: list[tuple[float, float]]) -> None:
    judge = VoiceJudge()
    heard_s, raised_at, before = 0.0, 0.0, "no_data"
    for score, seconds in fed:
        judge.feed(score, seconds)
        heard_s += seconds
        if heard_s < LEAST_SCORED_S:
            assert judge.state == "no_data"
        if judge.state == "ok" and before == "no_data":
            assert judge.score is not None
            assert judge.score < RAISE
        assert judge.score is None or 0 <= judge.score <= 1
        if judge.state == "suspicious" and before != "suspicious":
            assert judge.score is not None
            assert judge.score >= RAISE
            raised_at = heard_s
        if before == "suspicious" and judge.state != "suspicious":
            assert judge.score is not None
            assert judge.score <= CLEAR
            assert heard_s - raised_at >= 4
        before = judge.state


def test_the_same_scores_give_the_same_states() -> None:
    fed = [(0.9, 4.5), (0.85, 7.0), (0.4, 4.0), (0.2, 8.0), (0.95, 5.0)]
    assert states(*fed) == states(*fed)
    assert states(*fed)[1] == "suspicious"
    assert pytest.approx(RAISE) == 0.8
