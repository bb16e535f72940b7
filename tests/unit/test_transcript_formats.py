"""Files of a transcript: valid for whoever reads them, whatever was said."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from support.transcripts import BEGIN, line

from salon.ai.transcripts.formats import Form, Frame, render
from salon.ai.transcripts.model import Line, SpokenWord

ODD = [
    "plain",
    "a --> b",
    "--> \n\n --> ",
    "<v Eve>hello</v> <b>bold</b> &amp; &lt;",
    "00:00:01.000 --> 00:00:02.000",
    "NOTE this is no comment",
    "STYLE",
    "WEBVTT",
    "line\r\nbreak\rand\u2028separator\u2029and\x85next",
    "NUL \x00, tab \t, bell \x07",
    "中文，标点。",
    "  blanks around  ",
]
STAMP = r"\d{2,}:[0-5]\d:[0-5]\d"


def made(form: Form, *lines: Line, frame: Frame | None = None) -> str:
    return "".join(render(form, frame or Frame(42, "Weekly", BEGIN), lines))


def spoken(text: str) -> str:
    """The one cue of a line, without its number and its times."""
    cue = made("vtt", line(text)).split("\n\n")[1]
    return cue.split("\n", 2)[2]


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class TestWebVtt:
    @pytest.mark.parametrize("text", ODD)
    @pytest.mark.parametrize("speaker", ["Ada", "", "A > B", "<c>&\n\nEve-->"])
    def test_whatever_is_said_stays_one_cue(self, text: str, speaker: str) -> None:
        content = made("vtt", line(text, speaker=speaker), line("next", at=3))
        assert content.startswith("WEBVTT\n\n")
        assert "\r" not in content
        blocks = content.removeprefix("WEBVTT\n\n").removesuffix("\n\n").split("\n\n")
        assert len(blocks) == 2
        for number, block in enumerate(blocks, start=1):
            name, times, payload = block.split("\n")
            assert name == str(number)
            assert re.fullmatch(rf"{STAMP}\.\d{{3}} --> {STAMP}\.\d{{3}}", times)
            assert "-->" not in payload
            # Nothing but the voice is a tag, and every & begins a reference.
            assert re.fullmatch(r"(<v [^<>]+>)?[^<>]*", payload)
            assert re.findall(r"&(?!amp;|lt;|gt;)", payload) == []
        assert (
            unescape(spoken(text).removeprefix("<v Ada>"))
            == " ".join(re.split(r"[\s\x00-\x1f]+", text)).strip()
        )

    def test_who_speaks_is_told(self) -> None:
        assert made("vtt", line("hi", speaker="小王 & Co")).endswith("\n<v 小王 &amp; Co>hi\n\n")
        assert made("vtt", line("hi", speaker=" \n ")).endswith(".000\nhi\n\n")

    def test_times_run_from_the_begin_and_beyond_a_hundred_hours(self) -> None:
        cues = made(
            "vtt",
            line("a", at=0.0004, lasts=59.9994),
            line("b", at=3599.9996, lasts=1),
            line("c", at=366_000, lasts=1),
        )
        assert re.findall(f"{STAMP}.*", cues) == [
            "00:00:00.000 --> 00:01:00.000",
            "01:00:00.000 --> 01:00:01.000",
            "101:40:00.000 --> 101:40:01.000",
        ]

    def test_a_cue_ends_after_it_begins(self) -> None:
        for lasts in (0.0, -5.0):
            assert "00:00:07.000 --> 00:00:07.001" in made("vtt", line("x", at=7, lasts=lasts))

    def test_what_was_begun_before_is_cut_at_both_ends(self) -> None:
        frame = Frame(42, "Weekly", BEGIN + timedelta(seconds=10), BEGIN + timedelta(seconds=20))
        assert "00:00:00.000 --> 00:00:01.000" in made("vtt", line("x", at=8, lasts=3), frame=frame)
        assert "00:00:09.000 --> 00:00:10.000" in made("vtt", line("x", at=19, lasts=3), frame=frame)

    def test_nothing_said_is_a_file_all_the_same(self) -> None:
        assert made("vtt") == "WEBVTT\n\n"


class TestOthers:
    @pytest.mark.parametrize("text", ODD)
    def test_subrip_has_one_cue_a_line(self, text: str) -> None:
        content = made("srt", line(text), line("next", at=3))
        blocks = content.removesuffix("\n\n").split("\n\n")
        assert len(blocks) == 2
        number, times, said = blocks[0].split("\n")
        assert number == "1"
        assert re.fullmatch(rf"{STAMP},\d{{3}} --> {STAMP},\d{{3}}", times)
        assert said.startswith("Ada: ")
        assert "-->" not in said

    @pytest.mark.parametrize("text", ODD)
    def test_json_gives_back_what_was_said(self, text: str) -> None:
        said = line(text, words=(SpokenWord(0.0, 0.5, "x"),))
        whole = json.loads(made("json", said, said))
        assert (whole["meeting_id"], whole["title"]) == (42, "Weekly")
        assert whole["started_at"] == "2031-05-06T09:00:00.000Z"
        assert [entry["text"] for entry in whole["lines"]] == [text, text]
        assert whole["lines"][0]["words"] == [[0.0, 0.5, "x"]]
        assert json.loads(made("json"))["lines"] == []

    @pytest.mark.parametrize("text", ODD)
    def test_text_has_one_row_a_line(self, text: str) -> None:
        rows = made("txt", line(text), line("next", at=3661)).splitlines()
        assert rows[:3] == ["Weekly", "2031-05-06T09:00:00.000Z", ""]
        assert len(rows) == 5
        assert rows[3].startswith("[00:00:00] Ada: ")
        assert rows[4] == "[01:01:01] Ada: next"
