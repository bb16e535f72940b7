"""Recordings as people use them: who may, what is answered, and what is left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fakes.recording import FakeTools
from support.people import Person
from support.server import Salon
from support.wait import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

R = "/api/v1/recording"
MEETINGS = "/api/v1/meetings"
NOBODY = "0f0f0f0f-0000-4000-8000-000000000000"


def is_completed(found: dict[str, Any]) -> bool:
    return bool(found["status"] == "completed")


@dataclass
class Site:
    """A Salon whose recordings stand on fakes, and people who share it."""

    salon: Salon
    tools: FakeTools
    host: Person
    moderator: Person
    member: Person
    stranger: Person


class House(Site):
    """A meeting of its own with a host, a moderator and a member; the stranger is not in it."""

    meeting = 0
    room = ""

    async def open(self) -> None:
        self.meeting, self.room = await self.new_meeting(self.host)
        for person, role in ((self.moderator, 2), (self.member, 1)):
            body = {"user_ids": [person.user_id], "role": role}
            answer = await self.host.request("POST", f"{MEETINGS}/{self.meeting}/participants", json=body)
            assert answer.is_success, answer.text

    async def new_meeting(self, host: Person) -> tuple[int, str]:
        meeting = await host.create_meeting()
        return meeting, await host.join(meeting)

    async def start(self, who: Person | None = None, **fields: Any) -> dict[str, Any]:
        who = who or self.host
        body = {
            "meeting_id": str(self.meeting),
            "room_id": self.room,
            "user_id": str(who.user_id),
            "title": "A recording",
            **fields,
        }
        answer = await who.request("POST", f"{R}/start", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["recording"]
        return found

    async def stop(self, recording_id: str, who: Person | None = None) -> dict[str, Any]:
        answer = await (who or self.host).request("POST", f"{R}/stop", json={"recording_id": recording_id})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["recording"]
        return found

    async def status(self, recording_id: str, who: Person | None = None) -> dict[str, Any]:
        answer = await (who or self.host).request("GET", f"{R}/status/{recording_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["recording"]
        return found

    async def code(self, who: Person, method: str, path: str, body: Any = None) -> int:
        return (await who.request(method, path, json=body)).status_code

    async def do_jobs(self) -> None:
        await self.salon.inside(self.tools.jobs.run_all())

    def jobs_of(self, recording_id: str) -> list[str]:
        return [job.kind for job in self.tools.jobs.all if job.payload["recording_id"] == recording_id]

    def events(self, recording_id: str) -> list[dict[str, Any]]:
        text = (self.folder(recording_id) / "events.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def folder(self, recording_id: str) -> Path:
        return self.salon.settings.data_dir / "recordings" / recording_id


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    tools = FakeTools()
    salon = Salon(tmp_path_factory.mktemp("site"), tools=tools).start()
    names = ("host", "moderator", "member", "stranger")
    people = [await Person.register(salon.url, name) for name in names]
    yield Site(salon, tools, *people)
    for person in people:
        await person.close()
    salon.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def house(site: Site) -> House:
    site.tools.reset()
    house = House(**{one.name: getattr(site, one.name) for one in fields(site)})
    await house.open()
    return house


class TestStartAndStop:
    async def test_it_is_recorded_from_start_to_stop(self, house: House) -> None:
        begun = await house.start()
        assert (begun["status"], begun["title"], begun["quality"]) == ("recording", "A recording", "720p")
        assert (begun["meeting_id"], begun["user_id"]) == (str(house.meeting), str(house.host.user_id))
        assert (begun["end_time"], begun["file_path"], begun["renditions"]) == (None, "", [])
        manifest = json.loads((house.folder(begun["recording_id"]) / "manifest.json").read_text())
        assert manifest["recording_id"] == begun["recording_id"]
        assert manifest["started_at"] == begun["start_time"]
        stopped = await house.stop(begun["recording_id"])
        assert stopped["status"] == "completed"
        assert stopped["end_time"] >= stopped["start_time"]
        assert stopped["file_size"] == 100
        assert stopped["file_path"].endswith(begun["recording_id"])
        assert [one["state"] for one in stopped["renditions"]] == ["pending"] * 4

    async def test_a_second_stop_changes_nothing(self, house: House) -> None:
        begun = await house.start()
        stopped = await house.stop(begun["recording_id"])
        assert (await house.stop(begun["recording_id"]))["end_time"] == stopped["end_time"]

    async def test_two_who_stop_at_once_get_one_end(self, house: House) -> None:
        begun = await house.start()
        ends = await asyncio.gather(
            *(house.stop(begun["recording_id"], who) for who in (house.host, house.moderator) * 3)
        )
        assert {end["status"] for end in ends} == {"completed"}
        assert len([e for e in house.events(begun["recording_id"]) if e.get("action") == "stopped"]) == 1
        assert len(house.jobs_of(begun["recording_id"])) == 4

    async def test_one_at_a_time(self, house: House) -> None:
        begun = await house.start()
        body = {
            "meeting_id": house.meeting,
            "room_id": house.room,
            "user_id": house.host.user_id,
            "title": "B",
        }
        answers = await asyncio.gather(
            *(house.code(house.host, "POST", f"{R}/start", body) for _ in range(4))
        )
        assert set(answers) == {409}
        await house.stop(begun["recording_id"])
        assert await house.code(house.host, "POST", f"{R}/start", body) == 200

    async def test_of_many_who_start_at_once_one_records(self, house: House) -> None:
        path = f"{MEETINGS}/{house.meeting}/recording/start"
        answers = await asyncio.gather(*(house.code(house.host, "POST", path) for _ in range(8)))
        assert sorted(answers) == [200, *[409] * 7]

    async def test_numbers_and_text_are_taken_as_ids(self, house: House) -> None:
        begun = await house.start(
            meeting_id=house.meeting,
            user_id=house.host.user_id,
            room_id=f"meeting-{house.meeting}",
            participants=["7", 8],
            format="webm",
            quality="",
        )
        assert (begun["format"], begun["quality"], begun["participants"]) == ("webm", "720p", ["7", "8"])

    async def test_what_makes_no_sense_is_refused(self, house: House) -> None:
        good = {
            "meeting_id": house.meeting,
            "room_id": house.room,
            "user_id": house.host.user_id,
            "title": "B",
        }
        for bad in (
            {"title": " "},
            {"format": "avi"},
            {"quality": "9000p"},
            {"meeting_id": "x"},
            {"room_id": ""},
        ):
            assert await house.code(house.host, "POST", f"{R}/start", {**good, **bad}) == 400
        for missing in good:
            body = {name: value for name, value in good.items() if name != missing}
            assert await house.code(house.host, "POST", f"{R}/start", body) == 400
        other, room = await house.new_meeting(house.host)
        assert await house.code(house.host, "POST", f"{R}/start", {**good, "room_id": room}) == 400
        assert await house.code(house.host, "POST", f"{R}/start", {**good, "meeting_id": 2**31 + 5}) == 404
        assert await house.code(house.host, "POST", f"{R}/start", {**good, "user_id": 999}) == 403
        await house.host.request("POST", f"{MEETINGS}/{other}/end")
        over = {**good, "meeting_id": other, "room_id": room}
        assert await house.code(house.host, "POST", f"{R}/start", over) == 409

    async def test_where_the_meeting_does_not_allow_it_nobody_records(self, house: House) -> None:
        begun = await house.start()
        settings = {"settings": {"enable_recording": False}}
        await house.host.request("PUT", f"{MEETINGS}/{house.meeting}", json=settings)
        ended = await eventually(lambda: house.status(begun["recording_id"]), is_completed)
        assert "switched off" in ended["warning"]
        path = f"{MEETINGS}/{house.meeting}/recording/start"
        assert await house.code(house.host, "POST", path) == 403

    async def test_when_the_engine_refuses_nothing_is_left(self, house: House) -> None:
        before = set((house.salon.settings.data_dir / "recordings").iterdir())
        house.tools.recorder.refusals = ["busy"]
        path = f"{MEETINGS}/{house.meeting}/recording/start"
        assert await house.code(house.host, "POST", path) == 503
        base = f"{MEETINGS}/{house.meeting}/recordings"
        assert (await house.host.request("GET", base)).json()["data"] == []
        assert set((house.salon.settings.data_dir / "recordings").iterdir()) == before
        assert await house.code(house.host, "POST", path) == 200

    async def test_when_the_engine_does_not_answer_a_job_seals_it(self, house: House) -> None:
        begun = await house.start()
        house.tools.recorder.refusals = ["timeout"]
        assert (await house.stop(begun["recording_id"]))["status"] == "processing"
        assert await house.code(house.host, "GET", f"{R}/download/{begun['recording_id']}") == 404
        await house.do_jobs()
        assert (await house.status(begun["recording_id"]))["status"] == "completed"

    async def test_the_end_of_the_meeting_ends_it(self, house: House) -> None:
        begun = await house.start()
        await house.host.request("POST", f"{MEETINGS}/{house.meeting}/end")
        await eventually(lambda: house.status(begun["recording_id"]), is_completed)
        assert [e["action"] for e in house.events(begun["recording_id"]) if e["kind"] == "meeting"] == [
            "ended"
        ]

    async def test_a_storm_of_short_ones_all_complete(self, house: House) -> None:
        async def work(number: int) -> list[str]:
            host = house.host
            meeting, room = await house.new_meeting(host)
            await ready.wait()
            done: list[tuple[Person, str]] = []
            for pair in range(3):
                begun = await house.start(host, meeting_id=meeting, room_id=room, title=f"{number}-{pair}")
                await asyncio.sleep(0.02)
                await house.stop(begun["recording_id"], host)
                done.append((host, begun["recording_id"]))
            for who, recording_id in done:
                await eventually(partial(house.status, recording_id, who), is_completed, within_s=6)
            return [one for _, one in done]

        ready = asyncio.Event()
        workers = [asyncio.create_task(work(number)) for number in range(20)]
        ready.set()
        found = [one for ids in await asyncio.gather(*workers) for one in ids]
        assert len(set(found)) == 60


class TestOfAMeeting:
    async def test_it_is_started_stopped_and_listed(self, house: House) -> None:
        base = f"{MEETINGS}/{house.meeting}"
        assert await house.code(house.moderator, "POST", f"{base}/recording/stop") == 404
        begun = await house.moderator.request("POST", f"{base}/recording/start", json={"title": "Mine"})
        assert begun.json()["data"]["title"] == "Mine"
        recording_id = begun.json()["data"]["recording_id"]
        stopped = (await house.host.request("POST", f"{base}/recording/stop")).json()["data"]
        assert (stopped["recording_id"], stopped["status"]) == (recording_id, "completed")
        again = {"recording_id": recording_id}
        assert await house.code(house.host, "POST", f"{base}/recording/stop", again) == 200
        assert await house.code(house.host, "POST", f"{base}/recording/stop", {"recording_id": NOBODY}) == 404
        listed = (await house.member.request("GET", f"{base}/recordings")).json()["data"]
        assert [one["recording_id"] for one in listed] == [recording_id]
        default = (await house.host.request("POST", f"{base}/recording/start")).json()["data"]
        assert default["title"] == "A meeting"

    async def test_refusals(self, house: House) -> None:
        base = f"{MEETINGS}/{house.meeting}"
        nowhere = f"{MEETINGS}/{2**31 - 3}"
        for path in ("recording/start", "recording/stop"):
            assert await house.code(house.member, "POST", f"{base}/{path}") == 403
            assert await house.code(house.stranger, "POST", f"{base}/{path}") == 403
            assert await house.code(house.host, "POST", f"{nowhere}/{path}") == 404
            assert await house.code(house.host, "POST", f"{MEETINGS}/x/{path}") == 400
            assert (await house.host.http.post(f"{base}/{path}")).status_code == 401
        assert await house.code(house.stranger, "GET", f"{base}/recordings") == 403
        assert await house.code(house.host, "GET", f"{nowhere}/recordings") == 404
        assert await house.code(house.host, "GET", f"{MEETINGS}/x/recordings") == 400
        assert (await house.host.http.get(f"{base}/recordings")).status_code == 401
        bad = {"quality": "tiny"}
        assert await house.code(house.host, "POST", f"{base}/recording/start", bad) == 400
        assert (
            await house.code(house.host, "POST", f"{base}/recording/stop", {"recording_id": "x" * 65}) == 400
        )


class TestRights:
    async def test_who_may_do_what(self, house: House) -> None:
        """Seeing is for members, stopping for moderators and who started it, deleting for hosts and those."""
        begun = await house.start(house.moderator)
        one = begun["recording_id"]
        stop = {"recording_id": one}
        assert await house.code(house.member, "POST", f"{R}/stop", stop) == 403
        assert await house.code(house.stranger, "POST", f"{R}/stop", stop) == 404
        assert await house.code(house.host, "POST", f"{R}/stop", stop) == 200
        expected = {house.host: 200, house.moderator: 200, house.member: 200, house.stranger: 404}
        for who, code in expected.items():
            for path in ("status", "download", "timeline"):
                assert await house.code(who, "GET", f"{R}/{path}/{one}") == code
            assert await house.code(who, "GET", f"{R}/track/{one}/a1") == code
            listed = (await who.request("GET", f"{R}/list")).json()["recordings"]
            assert (one in [each["recording_id"] for each in listed]) == (code == 200)
            if code == 200:
                told = (await who.request("GET", f"{R}/status/{one}")).json()["recording"]
                # Who started it is the moderator: they may delete it too.
                may = who is not house.member
                assert (told["can_stop"], told["can_delete"]) == (may, may)
        assert await house.code(house.member, "POST", f"{R}/retry/{one}") == 403
        assert await house.code(house.stranger, "POST", f"{R}/retry/{one}") == 404
        assert await house.code(house.member, "DELETE", f"{R}/{one}") == 403
        assert await house.code(house.stranger, "DELETE", f"{R}/{one}") == 404
        assert await house.code(house.host, "DELETE", f"{R}/{one}") == 200

    async def test_a_moderator_deletes_only_their_own(self, house: House) -> None:
        first = await house.start(house.host)
        await house.stop(first["recording_id"])
        assert await house.code(house.moderator, "DELETE", f"{R}/{first['recording_id']}") == 403
        told = (await house.moderator.request("GET", f"{R}/status/{first['recording_id']}")).json()
        assert (told["recording"]["can_stop"], told["recording"]["can_delete"]) == (True, False)
        second = await house.start(house.moderator)
        assert await house.code(house.moderator, "DELETE", f"{R}/{second['recording_id']}") == 200

    async def test_who_was_removed_sees_nothing_any_more(self, house: House) -> None:
        begun = await house.start()
        path = f"{MEETINGS}/{house.meeting}/participants/{house.member.user_id}"
        assert await house.code(house.member, "GET", f"{R}/status/{begun['recording_id']}") == 200
        assert await house.code(house.host, "DELETE", path) == 200
        assert await house.code(house.member, "GET", f"{R}/status/{begun['recording_id']}") == 404
        listed = (await house.member.request("GET", f"{R}/list")).json()["recordings"]
        assert begun["recording_id"] not in [each["recording_id"] for each in listed]

    async def test_nobody_gets_anything_without_signing_in(self, house: House) -> None:
        one = (await house.start())["recording_id"]
        http = house.host.http
        for path in ("status", "download", "timeline", "thumbnail"):
            assert (await http.get(f"{R}/{path}/{one}")).status_code == 401
        assert (await http.get(f"{R}/track/{one}/a1")).status_code == 401
        assert (await http.get(f"{R}/list")).status_code == 401
        assert (await http.delete(f"{R}/{one}")).status_code == 401
        for path in ("start", "stop", f"retry/{one}"):
            assert (await http.post(f"{R}/{path}", json={})).status_code == 401


class TestList:
    async def test_newest_first_in_pages(self, house: House) -> None:
        made: list[str] = []
        for number in range(5):
            begun = await house.start(house.host if number % 2 else house.moderator, title=f"No. {number}")
            await house.stop(begun["recording_id"])
            made.append(begun["recording_id"])
        first = (await house.member.request("GET", f"{R}/list?page_size=2")).json()["pagination"]
        answer = (await house.member.request("GET", f"{R}/list?page_size=2&page=2")).json()
        assert [one["recording_id"] for one in answer["recordings"]] == made[::-1][2:4]
        assert first["total"] >= 5
        assert answer["pagination"] == {**first, "page": 2}
        assert first["pages"] == -(-first["total"] // 2)
        query = f"user_id={house.moderator.user_id}"
        mine = (await house.member.request("GET", f"{R}/list?{query}")).json()
        assert [one["recording_id"] for one in mine["recordings"]][:3] == made[::-1][::2]
        for nobody in ("x", "-1", str(2**31 + 1)):
            found = (await house.host.request("GET", f"{R}/list?user_id={nobody}")).json()
            assert found["recordings"] == []
            assert found["pagination"] == {"total": 0, "page": 1, "page_size": 20, "pages": 1}


class TestFiles:
    async def test_what_is_made_is_served(self, house: House) -> None:
        one = (await house.start(title='Ö "x"/y', format="webm"))["recording_id"]
        assert await house.code(house.host, "GET", f"{R}/download/{one}") == 404
        await house.stop(one)
        path = f"{R}/download/{one}"
        at_once = await house.member.request("GET", path)
        assert (at_once.status_code, at_once.headers["content-type"]) == (200, "video/x-matroska")
        assert at_once.text == f"tracks of {one}"
        for early in ("composite", "mix"):
            assert await house.code(house.host, "GET", f"{path}?rendition={early}") == 404
        assert await house.code(house.host, "GET", f"{R}/thumbnail/{one}") == 404
        await house.do_jobs()
        shown = await house.status(one)
        assert {one["state"] for one in shown["renditions"]} == {"ready"}
        assert shown["thumbnail_path"].endswith(f"/thumbnail/{one}")
        final = await house.member.request("GET", path)
        assert (final.text, final.headers["content-type"]) == (f"composite of {one}", "video/webm")
        assert shown["file_size"] == len(final.content)
        assert final.headers["content-disposition"].startswith('attachment; filename="_ x y.webm"')
        assert "filename*=UTF-8''%C3%96" in final.headers["content-disposition"]
        mix = await house.member.request("GET", f"{path}?rendition=mix")
        assert mix.text == f"mix of {one}"
        picture = await house.member.request("GET", f"{R}/thumbnail/{one}")
        assert picture.headers["content-type"] == "image/jpeg"
        assert await house.code(house.host, "GET", f"{path}?rendition=all") == 400

    async def test_a_part_is_served(self, house: House) -> None:
        one = (await house.start())["recording_id"]
        await house.stop(one)
        whole = await house.host.request("GET", f"{R}/download/{one}")
        part = await house.host.request("GET", f"{R}/download/{one}", headers={"Range": "bytes=3-6"})
        assert (part.status_code, part.content) == (206, whole.content[3:7])
        assert part.headers["content-range"] == f"bytes 3-6/{len(whole.content)}"
        behind = await house.host.request("GET", f"{R}/download/{one}", headers={"Range": "bytes=999-"})
        assert behind.status_code == 416
        stale = {"Range": "bytes=3-6", "If-Range": '"other"'}
        assert (await house.host.request("GET", f"{R}/download/{one}", headers=stale)).status_code == 200

    async def test_one_track_is_served(self, house: House) -> None:
        one = (await house.start())["recording_id"]
        assert await house.code(house.host, "GET", f"{R}/track/{one}/a1") == 404
        await house.stop(one)
        got = await house.host.request("GET", f"{R}/track/{one}/a1")
        assert got.headers["content-disposition"] == 'inline; filename="A recording a1.webm"'
        assert got.headers["content-type"] == "audio/webm"
        assert await house.code(house.host, "GET", f"{R}/track/{one}/a2") == 404
        assert await house.code(house.host, "GET", f"{R}/track/{one}/..") in (404, 405)
        assert await house.code(house.host, "GET", f"{R}/track/{one}/%20") == 400

    async def test_an_empty_recording_says_so(self, house: House) -> None:
        house.tools.recorder.is_silent = True
        one = (await house.start())["recording_id"]
        assert (await house.stop(one))["status"] == "completed"
        answer = await house.host.request("GET", f"{R}/download/{one}")
        assert answer.status_code == 404
        assert "Nothing was recorded" in answer.json()["error"]
        assert house.jobs_of(one) == []

    async def test_the_timeline_waits_for_the_end(self, house: House) -> None:
        one = (await house.start())["recording_id"]
        assert await house.code(house.host, "GET", f"{R}/timeline/{one}") == 404
        await house.stop(one)
        found = (await house.host.request("GET", f"{R}/timeline/{one}")).json()
        assert (found["recording_id"], found["duration"], len(found["renditions"])) == (one, 2.0, 4)

    async def test_what_failed_is_shown_and_made_again(self, house: House) -> None:
        house.tools.renderer.faults = {"composite": "no such codec"}
        one = (await house.start())["recording_id"]
        await house.stop(one)
        assert await house.code(house.host, "POST", f"{R}/retry/{one}") == 409
        await house.do_jobs()
        shown = {each["kind"]: each for each in (await house.status(one))["renditions"]}
        assert (shown["composite"]["state"], shown["composite"]["error"]) == ("failed", "no such codec")
        assert shown["mix"]["state"] == "ready"
        house.tools.renderer.faults = {}
        assert await house.code(house.host, "POST", f"{R}/retry/{one}") == 200
        await house.do_jobs()
        shown = {each["kind"]: each for each in (await house.status(one))["renditions"]}
        assert shown["composite"]["state"] == "ready"

    async def test_what_is_unknown_is_404_everywhere(self, house: House) -> None:
        for path in ("status", "download", "timeline", "thumbnail"):
            assert await house.code(house.host, "GET", f"{R}/{path}/{NOBODY}") == 404
        assert await house.code(house.host, "GET", f"{R}/track/{NOBODY}/a1") == 404
        assert await house.code(house.host, "DELETE", f"{R}/{NOBODY}") == 404
        assert await house.code(house.host, "POST", f"{R}/retry/{NOBODY}") == 404
        assert await house.code(house.host, "POST", f"{R}/stop", {"recording_id": NOBODY}) == 404


class TestDeletion:
    async def test_every_trace_goes(self, house: House) -> None:
        one = (await house.start())["recording_id"]
        await house.stop(one)
        await house.do_jobs()
        answer = (await house.host.request("DELETE", f"{R}/{one}")).json()
        assert (answer["recording_id"], answer["message"]) == (one, "success")
        assert not house.folder(one).exists()
        blobs = house.salon.settings.data_dir / "blobs" / "recordings" / one
        assert not [path for path in blobs.rglob("*") if path.is_file()]
        assert house.jobs_of(one) == []
        assert await house.code(house.host, "GET", f"{R}/status/{one}") == 404
        assert await house.code(house.host, "DELETE", f"{R}/{one}") == 404

    async def test_what_runs_is_stopped_first(self, house: House) -> None:
        one = (await house.start())["recording_id"]
        assert await house.code(house.host, "DELETE", f"{R}/{one}") == 200
        assert one not in [running[0] for running in house.tools.recorder.running.values()]
        assert not house.folder(one).exists()
        await house.start()
