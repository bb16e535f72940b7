"""Chat by REST, and that it is the same chat as by WebSocket."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from support.people import Person
from support.server import Salon

Register = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def host(register: Register) -> Person:
    return await register("host")


@pytest.fixture
async def guest(register: Register) -> Person:
    return await register("guest")


@pytest.fixture
async def path(host: Person, guest: Person) -> str:
    meeting = await host.create_meeting()
    await guest.join(meeting)
    return f"/api/v1/meetings/{meeting}/messages"


def meeting_of(path: str) -> int:
    return int(path.split("/")[4])


async def read(person: Person, path: str, query: str = "") -> list[dict[str, Any]]:
    answer = await person.request("GET", f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_a_message_is_stored_and_answered(host: Person, guest: Person, path: str) -> None:
    answer = await guest.request("POST", path, json={"content": "Grüße 🌍"})
    message = answer.json()["data"]
    assert answer.status_code == 200
    assert (message["content"], message["user_id"]) == ("Grüße 🌍", guest.user_id)
    assert (message["username"], message["meeting_id"]) == (guest.name, meeting_of(path))
    assert datetime.fromisoformat(message["created_at"]).tzinfo is not None
    assert await read(host, path) == [message]


async def test_an_empty_chat_is_an_empty_array(host: Person, path: str) -> None:
    assert await read(host, path) == []


async def test_newest_first_in_pages_and_windows(host: Person, path: str) -> None:
    for number in range(5):
        await host.request("POST", path, json={"content": str(number)})

    async def texts(query: str) -> list[str]:
        return [message["content"] for message in await read(host, path, query)]

    assert await texts("") == ["4", "3", "2", "1", "0"]
    assert await texts("page=2&page_size=2") == ["2", "1"]
    assert await texts("limit=2") == ["4", "3"]
    oldest = (await read(host, path, "limit=2"))[-1]["id"]
    assert await texts(f"limit=2&before={oldest}") == ["2", "1"]
    assert (await host.request("GET", f"{path}?limit=0")).status_code == 400
    assert (await host.request("GET", f"{path}?before=x")).status_code == 400


@pytest.mark.parametrize("content", ["", "   ", "x" * 2001, None, 5, ["x"], "nul\x00", "\ud800"])
async def test_what_is_no_message_is_refused(host: Person, path: str, content: Any) -> None:
    body = json.dumps({"content": content})
    assert (await host.request("POST", path, content=body)).status_code == 400
    assert await read(host, path) == []


async def test_the_longest_message_passes(host: Person, path: str) -> None:
    assert (await host.request("POST", path, json={"content": "長" * 2000})).status_code == 200


async def test_ten_a_second(make_salon: Callable[..., Salon]) -> None:
    own = make_salon(rate_limit="on")
    host, guest = await Person.register(own.url, "host"), await Person.register(own.url, "guest")
    meeting = await host.create_meeting()
    await host.join(meeting)
    await guest.join(meeting)
    path = f"/api/v1/meetings/{meeting}/messages"
    answers = await asyncio.gather(
        *(host.request("POST", path, json={"content": str(number)}) for number in range(25))
    )
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) >= 10
    assert 429 in statuses
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert len(await read(guest, path, "limit=100")) == statuses.count(200)
    assert (await guest.request("POST", path, json={"content": "not me"})).status_code == 200


async def test_the_same_client_id_twice_loses_nothing(host: Person, path: str) -> None:
    for content in ("one", "two"):
        await host.request("POST", path, json={"content": content, "message_id": "same"})
    assert [message["content"] for message in await read(host, path)] == ["two", "one"]


async def test_members_only(host: Person, register: Register, path: str) -> None:
    stranger = await register("stranger")
    assert (await stranger.request("GET", path)).status_code == 403
    assert (await stranger.request("POST", path, json={"content": "hi"})).status_code == 403
    assert (await host.http.get(path)).status_code == 401
    nowhere = "/api/v1/meetings/2147483647/messages"
    assert (await host.request("GET", nowhere)).status_code == 404
    assert (await host.request("POST", nowhere, json={"content": "hi"})).status_code == 404


async def test_an_ended_meeting_can_be_read_but_not_written(host: Person, guest: Person, path: str) -> None:
    await host.request("POST", path, json={"content": "before"})
    await host.request("POST", f"/api/v1/meetings/{meeting_of(path)}/end")
    assert len(await read(guest, path)) == 1
    assert (await guest.request("POST", path, json={"content": "after"})).status_code == 400


async def test_it_is_one_chat_by_both_ways(host: Person, guest: Person, path: str) -> None:
    tab = await guest.enter(meeting_of(path))
    await host.request("POST", path, json={"content": "by REST"})
    frame = await tab.expect(8)
    assert (frame["payload"]["content"], frame["from_user_id"]) == ("by REST", host.user_id)
    await tab.say(8, {"content": "by socket"}, id="client-7")
    await tab.expect(8)
    newest, _ = await read(host, path)
    assert (newest["content"], newest["message_id"]) == ("by socket", "client-7")
    history = await host.request("GET", f"/api/v1/messages/history/{meeting_of(path)}")
    assert history.json()["data"][0]["message_id"] == "client-7"
    await tab.close()
