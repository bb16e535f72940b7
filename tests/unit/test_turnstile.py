"""Many at a narrow door: in order, a few at a time, nobody held up by somebody slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from salon.platform import turnstile as module
from salon.platform.turnstile import AT_ONCE, Turnstile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

DEAR = "/sign-in"


class Work:
    """An application whose dear path waits until it is told to go on."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.order: list[str] = []
        self.go_on = asyncio.Event()
        routes = [
            Route(DEAR, self.dear, methods=["POST"]),
            Route("/cheap", self.cheap, methods=["GET", "POST"]),
        ]
        app = Turnstile(Starlette(routes=routes), paths=frozenset({DEAR}))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://salon.test")

    async def dear(self, request: Request) -> JSONResponse:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.order.append((await request.body()).decode())
        await self.go_on.wait()
        self.inside -= 1
        return JSONResponse({})

    async def cheap(self, _request: Request) -> JSONResponse:
        return JSONResponse({})


@pytest.fixture
def work() -> Work:
    return Work()


async def until(work: Work, inside: int) -> None:
    async with asyncio.timeout(5):
        while work.inside < inside:  # noqa: ASYNC110 - it has no event for each number
            await asyncio.sleep(0)


async def test_a_few_at_a_time_in_their_order_and_others_pass(work: Work) -> None:
    asked = [asyncio.create_task(work.client.post(DEAR, content=str(number))) for number in range(9)]
    await until(work, AT_ONCE)
    assert (await work.client.get("/cheap")).status_code == 200
    assert (await work.client.get(DEAR)).status_code == 405
    work.go_on.set()
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    assert (work.most, work.order) == (AT_ONCE, [str(number) for number in range(9)])


async def test_who_sends_slowly_waits_outside(work: Work) -> None:
    rest = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"slow"
        await rest.wait()
        yield b"ly"

    work.go_on.set()
    slow_ones = [asyncio.create_task(work.client.post(DEAR, content=slow())) for _ in range(AT_ONCE + 2)]
    async with asyncio.timeout(5):
        assert (await work.client.post(DEAR, content="quick")).status_code == 200
    rest.set()
    assert {answer.status_code for answer in await asyncio.gather(*slow_ones)} == {200}
    assert work.order == ["quick", *["slowly"] * (AT_ONCE + 2)]


async def test_beyond_the_queue_one_is_told_when_to_come_back(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    asked = [asyncio.create_task(work.client.post(DEAR)) for _ in range(3)]
    await until(work, AT_ONCE)
    refused = await work.client.post(DEAR)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert "Try again" in refused.json()["message"]
    work.go_on.set()
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
