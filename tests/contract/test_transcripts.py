"""Transcripts over the wire: who reads what, what is found, what a file holds, and what goes when."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from support.people import Person
from support.server import Salon
from support.transcripts import AI, BEGIN, LIST, address_of, data, line, say, status

from salon.ai.transcripts.model import SpokenWord
from salon.platform.db import Database


async def found(person: Person, query: str) -> dict[int, list[str]]:
    """What a query finds: lines by meeting."""
    page = await data(person, LIST, q=query)
    return {entry["meeting_id"]: [hit["text"] for hit in entry["hits"]] for entry in page["transcripts"]}


async def guest_of(host: Person, meeting: int) -> Person:
    """Somebody who came by a link."""
    answer = await host.request("POST", f"/api/v1/meetings/{meeting}/invites", json={"guests": True})
    body = {"invite": answer.json()["data"]["token"], "nickname": "Gast"}
    entered = (await host.http.post("/api/v1/auth/guest", json=body)).json()["data"]
    host.http.cookies.clear()
    return Person(host.url, host.http, "Gast", entered["user"]["id"], entered["token"])


class TestReading:
    async def test_members_read_what_was_said(
        self, salon: Salon, host: Person, guest: Person, meeting: int
    ) -> None:
        words = (SpokenWord(0.0, 0.4, "Hello,"), SpokenWord(0.5, 1.25, "everybody"))
        said = [
            line("Hello, everybody", meeting_id=meeting, user_id=host.user_id, speaker="Ada", words=words),
            line("大家好", at=3, meeting_id=meeting, user_id=guest.user_id, speaker="小王", language="zh"),
        ]
        # What was begun first comes first, whoever finished first.
        await say(salon, meeting, reversed_(said))
        for person in (host, guest):
            page = await data(person, address_of(meeting))
            assert (page["meeting_id"], page["title"], page["total"]) == (meeting, "A meeting", 2)
            assert page["started_at"] == "2031-05-06T09:00:00.000Z"
            assert page["lines"][0] == {
                "line_id": said[0].line_id,
                "user_id": host.user_id,
                "speaker": "Ada",
                "speaker_key": f"web_{host.user_id}",
                "started_at": "2031-05-06T09:00:00.000Z",
                "ended_at": "2031-05-06T09:00:02.000Z",
                "text": "Hello, everybody",
                "language": "en",
                "confidence": 0.9,
                "words": [[0.0, 0.4, "Hello,"], [0.5, 1.25, "everybody"]],
            }
            assert page["lines"][1]["text"] == "大家好"
        second = await data(host, address_of(meeting), page=2, page_size=1)
        assert [entry["text"] for entry in second["lines"]] == ["大家好"]

    async def test_a_part_of_the_time(self, salon: Salon, host: Person, meeting: int) -> None:
        await say(salon, meeting, [line(f"at {at}", at=at, meeting_id=meeting) for at in (0, 10, 20)])

        async def between(**span: float) -> list[str]:
            moments = {
                {"since": "from", "until": "to"}[name]: (BEGIN + timedelta(seconds=at)).isoformat()
                for name, at in span.items()
            }
            return [entry["text"] for entry in (await data(host, address_of(meeting), **moments))["lines"]]

        assert await between(since=11) == ["at 10", "at 20"]  # that line is still being spoken
        assert await between(since=12, until=20) == []
        assert await between(until=10.5) == ["at 0", "at 10"]
        for wrong in ("yesterday", "1900000000"):
            answer = await host.request("GET", address_of(meeting), params={"from": wrong})
            assert answer.status_code == 400, wrong

    async def test_strangers_learn_nothing_and_guests_may_not(
        self, salon: Salon, host: Person, register: Callable[..., Any]
    ) -> None:
        meeting = await host.create_meeting(settings={"allow_guests": True})
        stranger, visitor = await register("stranger"), await guest_of(host, meeting)
        await say(salon, meeting, ["We talk about the budget"])
        minutes = f"{AI}/minutes/{meeting}"
        for path in (address_of(meeting), address_of(meeting, "download"), minutes):
            assert await status(stranger, "GET", path) == 404
            assert await status(visitor, "GET", path) == 403
            assert await status(host, "GET", path) == 200
        assert await status(stranger, "DELETE", address_of(meeting)) == 404
        assert await status(visitor, "GET", LIST) == 403
        assert await found(stranger, "budget") == {}
        assert await found(host, "budget") == {meeting: ["We talk about the budget"]}

    async def test_whoever_was_thrown_out_reads_no_more(
        self, salon: Salon, host: Person, guest: Person, meeting: int
    ) -> None:
        await say(salon, meeting, ["Something about the budget"])
        assert await found(guest, "budget") != {}
        await host.request("DELETE", f"/api/v1/meetings/{meeting}/participants/{guest.user_id}")
        assert await status(guest, "GET", address_of(meeting)) == 404
        assert await found(guest, "budget") == {}

    async def test_without_a_transcript_there_is_none(self, host: Person, meeting: int) -> None:
        for path in (address_of(meeting), address_of(meeting, "download"), f"{AI}/minutes/{meeting}"):
            assert await status(host, "GET", path) == 404
        assert await status(host, "DELETE", address_of(meeting)) == 404
        page = await data(host, LIST)
        assert (page["transcripts"], page["total"]) == ([], 0)


def reversed_(lines: list[Any]) -> list[Any]:
    return lines[::-1]


class TestSearch:
    async def test_the_list_has_the_newest_first(self, salon: Salon, host: Person, guest: Person) -> None:
        old, new, empty = [await host.create_meeting(title=title) for title in ("Old", "New", "Empty")]
        await say(salon, old, ["first"])
        later = BEGIN + timedelta(days=1)
        people = {"meeting_id": new, "begin": later}
        await say(
            salon,
            new,
            [
                line("one", user_id=host.user_id, speaker="Ada", **people),
                line("two", at=9, user_id=guest.user_id, speaker="Ben", **people),
                line("three", at=20, user_id=host.user_id, speaker="Ada", **people),
            ],
        )
        page = await data(host, LIST)
        assert [entry["meeting_id"] for entry in page["transcripts"]] == [new, old]
        assert page["transcripts"][0] == {
            "meeting_id": new,
            "title": "New",
            "started_at": "2031-05-07T09:00:00.000Z",
            "ended_at": "2031-05-07T09:00:22.000Z",
            "line_count": 3,
            "speakers": ["Ada", "Ben"],
            "hits": [],
        }
        assert (page["total"], page["page"], page["page_size"]) == (2, 1, 20)
        second = await data(host, LIST, page=2, page_size=1)
        assert [entry["meeting_id"] for entry in second["transcripts"]] == [old]
        assert empty not in [entry["meeting_id"] for entry in page["transcripts"]]

    async def test_words_are_found_in_english_and_chinese(
        self, salon: Salon, host: Person, meeting: int
    ) -> None:
        english = "The quarterly BUDGET was approved, wasn't it?"
        chinese = "我们决定把预算会议推迟到下周五。"
        mixed = "新版本 v2.5 上线了，café 在二楼"
        japanese = "会議の記録をカタカナで書きます"
        await say(salon, meeting, [english, chinese, mixed, japanese])
        for query, text_ in (
            ("budget", english),
            ("Quarter", english),
            ("budget quarterly", english),
            ("approved wasn't", english),
            ("预算", chinese),
            ("推迟到下周五", chinese),
            ("算会议推", chinese),
            ("会议 下周", chinese),
            ("五", chinese),
            ("版本 v2", mixed),
            ("上线 CAFÉ", mixed),
            ("ｖ２．５", mixed),
            ("カタカナ", japanese),
            ("ｶﾀｶﾅ", japanese),
            ("議の記", japanese),
        ):
            assert await found(host, query) == {meeting: [text_]}, query
        for query in ("udget", "budget 预算", "下周六", "算预", "it's approve d", "会记"):
            assert await found(host, query) == {}, query

    async def test_at_most_five_lines_of_each(self, salon: Salon, host: Person) -> None:
        first, second = await host.create_meeting(), await host.create_meeting()
        await say(salon, first, [f"number {number}" for number in range(8)])
        await say(salon, second, [line("a number", meeting_id=second, begin=BEGIN + timedelta(hours=1))])
        hits = await found(host, "number")
        assert list(hits) == [second, first]
        assert hits[first] == [f"number {number}" for number in range(5)]
        page = await data(host, LIST, q="number", page_size=1)
        assert (page["total"], len(page["transcripts"])) == (2, 1)

    async def test_what_was_changed_or_deleted_is_not_found(
        self, salon: Salon, host: Person, meeting: int
    ) -> None:
        await say(salon, meeting, ["a passing remark"])
        assert await found(host, "passing") != {}
        db = Database(salon.settings.resolved_database_url)
        async with db.begin() as tx:
            change = text("UPDATE transcript_lines SET search = 'else' WHERE meeting_id = :meeting")
            await tx.execute(change, {"meeting": meeting})
        await db.close()
        assert await found(host, "passing") == {}
        assert await found(host, "else") != {}
        await host.request("DELETE", address_of(meeting))
        assert await found(host, "else") == {}

    @pytest.mark.parametrize(
        "query",
        [
            '"',
            "'",
            '"unclosed',
            "a AND OR NOT",
            "NEAR(budget, 2)",
            "search:budget",
            "budget*",
            "-budget",
            "^budget",
            "(((((",
            "budget & | ! <->",
            "'; DROP TABLE transcript_lines; --",
            "%",
            "_",
            "\\",
            "😀🎉",
            "👩‍👩‍👧",
            "ก็ได้",
            "हिन्दी",
            "e\u0301" * 60,
            "İ" * 100,
            "ß" * 200,
            "\u200b",
            "\ufffe",
            "\U0001f600" * 100,
            "𠮷野家",
            "１２３",
            "1e5 0x1F -3.5",
            "a@b.c http://x.y/z?q=1",
            "x" * 200,
            "我" * 200,
        ],
    )
    async def test_odd_queries_are_queries_too(
        self, salon: Salon, host: Person, meeting: int, query: str
    ) -> None:
        await say(salon, meeting, ["The budget is done"])
        page = await data(host, LIST, q=query)
        wanted = {"search:budget": 0, "budget*": 1, "-budget": 1, "^budget": 1, "budget & | ! <->": 1}
        assert page["total"] == wanted.get(query, 0)

    async def test_odd_texts_are_found_again(self, salon: Salon, host: Person, meeting: int) -> None:
        for number, odd in enumerate(
            (
                "Zoë’s naïve résumé",
                "Straße",
                "ΑΒΓ Ελλάδα",
                "Привет мир",
                "1e5 volts",
                "𠮷野家に行く",
                "한국어를 배워요",
            )
        ):
            await say(salon, meeting, [line(odd, at=number, meeting_id=meeting)])
            for query in (odd, odd.upper(), odd.split()[0]):
                assert odd in (await found(host, query)).get(meeting, []), query

    @pytest.mark.parametrize("query", ["%00", "a%00b", "x" * 201, "x" * 10_000, "%E6%88%91" * 6_000])
    async def test_what_cannot_be_a_query_is_refused(self, host: Person, query: str) -> None:
        answer = await host.request("GET", f"{LIST}?q={query}")
        assert answer.status_code == 400, answer.text[:100]


class TestFiles:
    @pytest.fixture
    async def talk(self, salon: Salon, host: Person) -> int:
        meeting = await host.create_meeting(title="Weekly / 周会")
        await say(
            salon,
            meeting,
            [
                line("A < B & C --> D", meeting_id=meeting, speaker="A <b> & Co"),
                line("two\n\nlines", at=3661.5, lasts=0, meeting_id=meeting, speaker="小王"),
            ],
        )
        return meeting

    async def test_each_form_is_a_file(self, host: Person, talk: int) -> None:
        types = {
            "vtt": "text/vtt; charset=utf-8",
            "srt": "application/x-subrip; charset=utf-8",
            "json": "application/json",
            "txt": "text/plain; charset=utf-8",
        }
        for form, media_type in types.items():
            path = f"{host.url}{address_of(talk, 'download')}?format={form}"
            async with httpx.AsyncClient() as http:
                answer = await http.get(path, headers={"Authorization": f"Bearer {host.token}"})
            assert answer.status_code == 200
            assert answer.headers["content-type"] == media_type
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-disposition"].startswith("attachment; filename=")
            assert f".{form}" in answer.headers["content-disposition"]
            content = answer.content.decode()
            if form == "vtt":
                assert content == (
                    "WEBVTT\n\n"
                    "1\n00:00:00.000 --> 00:00:02.000\n<v A &lt;b&gt; &amp; Co>A &lt; B &amp; C --&gt; D\n\n"
                    "2\n01:01:01.500 --> 01:01:01.501\n<v 小王>two lines\n\n"
                )
            if form == "json":
                whole = json.loads(content)
                assert (whole["meeting_id"], whole["title"]) == (talk, "Weekly / 周会")
                assert whole["lines"] == (await data(host, address_of(talk)))["lines"]

    async def test_only_known_forms(self, host: Person, talk: int) -> None:
        for wrong in ("pdf", "VTT", "", "%00"):
            answer = await host.request("GET", f"{address_of(talk, 'download')}?format={wrong}")
            assert answer.status_code == 400, wrong

    async def test_a_long_one_is_whole(self, salon: Salon, host: Person, meeting: int) -> None:
        count = 1203
        made = [line(f"number {number}", at=number // 3, meeting_id=meeting) for number in range(count)]
        await say(salon, meeting, made)
        answer = await host.request("GET", address_of(meeting, "download"), params={"format": "txt"})
        texts = [row.partition("Ada: ")[2] for row in answer.text.splitlines()[3:]]
        assert texts == [f"number {number}" for number in range(count)]
        assert (await data(host, address_of(meeting)))["total"] == count

    async def test_in_the_time_of_a_recording(self, salon: Salon, host: Person, guest: Person) -> None:
        meeting, other = await host.create_meeting(), await host.create_meeting()
        await host.join(meeting)
        path = f"/api/v1/meetings/{meeting}/recording"
        begun = (await host.request("POST", f"{path}/start")).json()["data"]
        start = datetime.fromisoformat(begun["start_time"])
        stopped = (await host.request("POST", f"{path}/stop")).json()["data"]
        end = datetime.fromisoformat(stopped["end_time"])
        here: dict[str, Any] = {"meeting_id": meeting, "begin": start}
        await say(
            salon,
            meeting,
            [
                line("long before", at=-60, **here),
                line("across the begin", at=-1, lasts=1.001, **here),
                replace(line("long after", at=60, **here), started_at=end + timedelta(minutes=1)),
            ],
        )
        found_ = await host.request(
            "GET", address_of(meeting, "download"), params={"recording_id": begun["recording_id"]}
        )
        cues = found_.text.split("\n\n")[1:-1]
        assert len(cues) == 1
        assert cues[0].startswith("1\n00:00:00.000 --> 00:00:00.00")
        assert "across the begin" in cues[0]
        await say(salon, other, ["elsewhere"])
        for number, recording in ((other, begun["recording_id"]), (meeting, "none")):
            params = {"recording_id": recording}
            assert await status(host, "GET", address_of(number, "download"), **params) == 404


class TestMinutes:
    async def test_what_was_said_is_cited(
        self, salon: Salon, host: Person, guest: Person, meeting: int
    ) -> None:
        here: dict[str, Any] = {"meeting_id": meeting}
        ada, ben = {"user_id": host.user_id, "speaker": "Ada"}, {"user_id": guest.user_id, "speaker": "Ben"}
        said = [
            line("Good morning. Can you hear me?", lasts=3, **here, **ada),
            line("We decided to move the launch to March.", at=5, lasts=4, **here, **ada),
            line("我来写会议纪要。", at=10, lasts=3, **here, **ben),
            line("When do we tell the customers?", at=15, lasts=2, **here, **ben),
            line("I will be right back.", at=20, lasts=2, **here, **ada),
        ]
        await say(salon, meeting, said)
        made = await data(host, f"{AI}/minutes/{meeting}")
        assert (made["meeting_id"], made["method"]) == (meeting, "extractive")
        assert abs(datetime.now(UTC) - datetime.fromisoformat(made["made_at"])) < timedelta(minutes=5)
        assert [(item["kind"], item["text"]) for item in made["items"]] == [
            ("decision", "We decided to move the launch to March."),
            ("task", "我来写会议纪要。"),
            ("question", "When do we tell the customers?"),
        ]
        assert made["items"][1]["citations"] == [
            {"line_id": said[2].line_id, "started_at": "2031-05-06T09:00:10.000Z", "speaker": "Ben"}
        ]
        assert made["speaking_time"] == [
            {"user_id": host.user_id, "speaker": "Ada", "seconds": 9.0},
            {"user_id": guest.user_id, "speaker": "Ben", "seconds": 5.0},
        ]


async def test_odd_lines_are_kept_as_well_as_they_can_be(salon: Salon, host: Person, meeting: int) -> None:
    odd = [
        line("NUL \x00 and half \ud800 of a pair", meeting_id=meeting, speaker="x" * 300, language="z" * 99),
        line(
            "numbers",
            at=5,
            meeting_id=meeting,
            confidence=float("nan"),
            words=(SpokenWord(float("inf"), 0, "x"), SpokenWord(0, 1, "y\x00")),
        ),
        line("backwards", at=10, lasts=-5, meeting_id=meeting, confidence=7.0),
        line("  \n ", at=15, meeting_id=meeting),
    ]
    await say(salon, meeting, odd)
    await say(salon, meeting, odd[:1])  # the same line again is no other
    lines = (await data(host, address_of(meeting)))["lines"]
    assert [entry["text"] for entry in lines] == ["NUL   and half ? of a pair", "numbers", "backwards"]
    assert len(lines[0]["speaker"]) == 100
    assert (lines[1]["confidence"], lines[1]["words"]) == (0.0, [[0.0, 1.0, "y "]])
    assert lines[2]["started_at"] == lines[2]["ended_at"]
    assert lines[2]["confidence"] == 1.0
