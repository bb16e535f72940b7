"""Where phrases begin and end, and what waits for the models."""

from __future__ import annotations

import numpy as np
import pytest

from salon.ai.audio import RATE_HZ
from salon.ai.live.backlog import MOST_LAG_S, MOST_WAITING, Backlog, Job, Stage
from salon.ai.live.guesses import Guesses
from salon.ai.live.reading import Outcome, Reading
from salon.ai.live.segmenter import (
    BEFORE_S,
    LEAST_S,
    LIKELY_S,
    LONGEST_S,
    PAUSE_S,
    Phrase,
    Segmenter,
    State,
)
from salon.ai.live.voices import VoiceKey

WINDOW = 512
WINDOW_S = WINDOW / RATE_HZ
BEGIN_US = 1_700_000_000_000_000


def hear(segmenter: Segmenter, *parts: tuple[float, float], start: int = 0) -> list[Phrase]:
    """Feed parts of (seconds, probability of speech); windows hold their own number."""
    found: list[Phrase] = []
    number = start
    for seconds, probability in parts:
        for _ in range(round(seconds / WINDOW_S)):
            window = np.full(WINDOW, number % 30_000, np.int16)
            at_us = BEGIN_US + number * WINDOW * 1_000_000 // RATE_HZ
            found += segmenter.feed(window, probability, at_us)
            number += 1
    return found


def at_s(moment_us: int) -> float:
    return (moment_us - BEGIN_US) / 1e6


def test_a_phrase_ends_with_a_pause_and_its_times_are_those_of_the_speech() -> None:
    phrases = hear(Segmenter(), (1, 0.1), (2, 0.9), (1, 0.1))
    assert [one.state for one in phrases] == ["partial", "likely", "final"]
    final = phrases[-1]
    assert at_s(final.begin_us) == pytest.approx(1 - BEFORE_S, abs=0.07)
    assert at_s(final.end_us) == pytest.approx(3, abs=0.07)
    assert final.seconds == pytest.approx(BEFORE_S + 2 + PAUSE_S, abs=0.1)


def test_what_was_said_just_before_belongs_to_it() -> None:
    final = hear(Segmenter(), (1, 0.1), (1, 0.9), (1, 0.1))[-1]
    first = int(final.pcm[0])
    assert first * WINDOW_S == pytest.approx(1 - BEFORE_S, abs=0.07)
    assert list(np.diff(final.pcm[::WINDOW])) == [1] * (len(final.pcm[::WINDOW]) - 1)


def test_a_short_pause_does_not_end_it() -> None:
    phrases = hear(Segmenter(), (1, 0.9), (PAUSE_S - 0.1, 0.1), (1, 0.9), (1, 0.1))
    assert [one.state for one in phrases].count("final") == 1


def test_a_click_is_no_phrase() -> None:
    phrases = hear(Segmenter(), (1, 0), (LEAST_S - 0.1, 0.9), (2, 0))
    assert [one.state for one in phrases] == ["nothing"]


def test_silence_and_murmur_are_nothing() -> None:
    assert hear(Segmenter(), (30, 0), (30, 0.45)) == []


def test_who_never_pauses_is_cut_and_nothing_is_lost() -> None:
    segmenter = Segmenter()
    phrases = hear(segmenter, (40, 0.9)) + segmenter.end()
    finals = [one for one in phrases if one.state == "final"]
    assert len(finals) == 4
    assert max(one.seconds for one in finals) <= LONGEST_S + 0.1
    heard = np.concatenate([one.pcm for one in finals])
    assert list(np.diff(heard[::WINDOW])) == [1] * (heard.size // WINDOW - 1)


def test_a_long_phrase_is_rather_cut_where_the_voice_dips() -> None:
    phrases = hear(Segmenter(), (9.5, 0.9), (0.1, 0.1), (3, 0.9), (1, 0))
    finals = [one for one in phrases if one.state == "final"]
    assert finals[0].seconds == pytest.approx(9.6, abs=0.1)


def test_each_state_of_a_phrase_has_its_number_and_the_next_has_another() -> None:
    phrases = hear(Segmenter(), (3.5, 0.9), (1, 0), (3.5, 0.9), (1, 0))
    assert [(one.number, one.state) for one in phrases] == [
        (1, "partial"), (1, "partial"), (1, "likely"), (1, "final"),
        (2, "partial"), (2, "partial"), (2, "likely"), (2, "final"),
    ]  # fmt: skip


def test_a_phrase_that_is_probably_over_has_all_that_the_finished_one_has() -> None:
    *_, likely, final = hear(Segmenter(), (1, 0.9), (1, 0))
    assert (likely.state, likely.begin_us, likely.end_us) == ("likely", final.begin_us, final.end_us)
    assert final.seconds - likely.seconds == pytest.approx(PAUSE_S - LIKELY_S, abs=0.07)
    assert list(likely.pcm) == list(final.pcm[: likely.pcm.size])


def test_each_pause_within_a_phrase_is_told_once() -> None:
    pause = (PAUSE_S - 0.1, 0.1)
    phrases = hear(Segmenter(), (0.6, 0.9), pause, (0.6, 0.9), pause, (0.6, 0.9), (1, 0))
    states = [one.state for one in phrases]
    assert states.count("likely") == 3
    assert states[-2:] == ["likely", "final"]
    ends = [one.end_us for one in phrases if one.state == "likely"]
    assert ends == sorted(set(ends))


def test_a_click_is_never_probably_a_phrase() -> None:
    assert [one.state for one in hear(Segmenter(), (LEAST_S - 0.1, 0.9), (2, 0))] == ["nothing"]


def job(voice: str, ended_at: float, stage: Stage = "final") -> Job[str, str]:
    return Job(voice, stage, ended_at, f"{voice}@{ended_at}")


def test_finished_phrases_come_first_then_those_probably_over() -> None:
    backlog: Backlog[str, str] = Backlog()
    for one in (job("a", 1, "partial"), job("b", 2), job("d", 2, "likely"), job("c", 3)):
        assert backlog.put(one) == []
    order = [backlog.take(3)[0] for _ in range(4)]
    assert [one.voice if one else "" for one in order] == ["b", "c", "d", "a"]
    assert backlog.take(3) == (None, [])


def test_of_what_is_under_way_only_the_latest_counts() -> None:
    backlog: Backlog[str, str] = Backlog()
    for ended_at in (1, 2, 3):
        backlog.put(job("a", ended_at, "partial"))
    assert len(backlog) == 1
    assert backlog.take(3, with_partials=False) == (None, [])
    backlog.put(job("a", 4, "likely"))
    assert len(backlog) == 1
    assert backlog.take(4, with_partials=False)[0] == job("a", 4, "likely")
    backlog.put(job("a", 5, "likely"))
    backlog.put(job("a", 6))
    assert backlog.take(6)[0] == job("a", 6)
    assert len(backlog) == 0


def test_what_comes_too_late_is_left_out_and_told() -> None:
    backlog: Backlog[str, str] = Backlog()
    for ended_at in (0, 1, 5):
        backlog.put(job("a", ended_at))
    taken, late = backlog.take(2 + MOST_LAG_S)
    assert taken == job("a", 5)
    assert late == [job("a", 0), job("a", 1)]


def test_what_is_said_while_the_models_load_is_not_late_because_of_that() -> None:
    backlog: Backlog[str, str] = Backlog()
    for ended_at in (0, 12, 40):
        backlog.put(job("a", ended_at))
    taken, late = backlog.take(41, ready_at=41)
    assert (taken, late) == (job("a", 12), [job("a", 0)])
    backlog.put(job("b", 41))
    taken, late = backlog.take(41 + MOST_LAG_S, ready_at=41)
    assert (taken, late) == (job("a", 40), [])
    taken, late = backlog.take(42 + MOST_LAG_S, ready_at=41)
    assert (taken, late) == (None, [job("b", 41)])


def test_lag_stays_bounded_however_much_is_said() -> None:
    """Eight speakers say a phrase every four seconds, the machine takes a second for each: twice too much."""
    backlog: Backlog[str, str] = Backlog()
    now, said, lags, lost = 0.0, 0, [], 0
    while now < 180:
        while said * 0.5 <= now:
            backlog.put(job(f"voice {said % 8}", said * 0.5))
            said += 1
        taken, late = backlog.take(now)
        lost += len(late)
        if taken is None:
            now += 0.1
            continue
        now += 1.0
        lags.append(now - taken.ended_at)
    assert max(lags) <= MOST_LAG_S + 1.0
    assert lost == pytest.approx(said / 2, rel=0.15)


def test_a_full_queue_loses_the_oldest() -> None:
    backlog: Backlog[str, str] = Backlog()
    lost = [one for number in range(MOST_WAITING + 3) for one in backlog.put(job("a", number))]
    assert [one.ended_at for one in lost] == [0, 1, 2]


def test_more_that_people_wait_for_is_taken_whoever_said_it_and_nothing_that_is_under_way() -> None:
    backlog: Backlog[str, str] = Backlog()
    for voice, stage, at in (
        ("a", "final", 1.0),
        ("b", "final", 9.0),
        ("c", "partial", 9.0),
        ("d", "likely", 9.5),
        ("e", "likely", 9.5),
    ):
        backlog.put(job(voice, at, stage))  # type: ignore[arg-type]
    more, late = backlog.take_more(10, 2)
    assert [one.voice for one in more] == ["b", "d"]
    assert [one.voice for one in late] == ["a"]
    assert [one.voice for one in backlog.take_more(10, 9)[0]] == ["e"]
    assert backlog.take_more(10, 9) == ([], [])
    assert len(backlog) == 1


ADA = VoiceKey("room", "ada", "track")


def phrase(state: State, *, end_s: float, number: int = 1, begin_s: float = 0.5) -> Phrase:
    return Phrase(number, state, int(begin_s * 1e6), int(end_s * 1e6), np.zeros(16, np.int16))


def read(said: Phrase, text: str = "so it is", outcome: Outcome = "read") -> Reading:
    return Reading(ADA, said, outcome, text=text)


def test_what_was_read_in_time_is_told_when_the_phrase_is_over() -> None:
    guesses, likely, final = Guesses(), phrase("likely", end_s=2), phrase("final", end_s=2)
    guesses.begin(ADA, likely)
    assert guesses.settle(read(likely)) == read(likely)
    assert guesses.end(ADA, final) == (True, read(final))


def test_what_is_being_read_is_not_read_twice() -> None:
    guesses, likely, final = Guesses(), phrase("likely", end_s=2), phrase("final", end_s=2)
    guesses.begin(ADA, likely)
    assert guesses.end(ADA, final) == (True, None)
    assert guesses.settle(read(likely)) == read(final)


def test_a_guess_is_worth_nothing_when_the_speaker_went_on() -> None:
    guesses, likely = Guesses(), phrase("likely", end_s=2)
    guesses.begin(ADA, likely)
    guesses.settle(read(likely, "so it"))
    assert guesses.end(ADA, phrase("final", end_s=3)) == (False, None)


def test_a_guess_that_failed_is_read_again_and_one_awaited_tells_its_failure() -> None:
    guesses, likely, final = Guesses(), phrase("likely", end_s=2), phrase("final", end_s=2)
    guesses.begin(ADA, likely)
    assert guesses.settle(read(likely, outcome="failed")) is None
    assert guesses.end(ADA, final) == (False, None)
    guesses.begin(ADA, likely)
    guesses.end(ADA, final)
    assert guesses.settle(read(likely, outcome="failed")) == read(final, outcome="failed")


def test_nothing_is_shown_of_a_phrase_after_it_is_over() -> None:
    guesses, shown = Guesses(), phrase("partial", end_s=1)
    assert guesses.settle(read(shown)) == read(shown)
    guesses.end(ADA, phrase("final", end_s=2))
    assert guesses.settle(read(shown)) is None
    later = phrase("partial", end_s=4, number=2, begin_s=2.5)
    assert guesses.settle(read(later)) == read(later)
    guesses.give_up(ADA, phrase("nothing", end_s=5, number=2, begin_s=2.5))
    assert guesses.settle(read(later)) is None
    guesses.forget("room")
    assert guesses.settle(read(shown)) == read(shown)
