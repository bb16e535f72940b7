"""Captions outlive a restart of the server, and nobody believes in them who has them no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.captions import STATE, switch
from support.people import Person
from support.server import Salon


@pytest.mark.timeout(120)
async def test_captions_go_on_after_a_restart_until_they_are_switched_off(
    make_salon: Callable[..., Salon],
) -> None:
    salon = make_salon()
    host = await Person.register(salon.url, "host")
    meeting = await host.create_meeting(settings={"enable_ai": True})
    tab = await host.enter(meeting, capabilities=["captions"])
    assert (await tab.expect(STATE))["payload"]["enabled"] is False
    switched = await switch(host, meeting, on=True)
    assert switched.status_code == 200, switched.text
    before = (await tab.expect(STATE))["payload"]
    assert before["enabled"] is True

    salon.stop()
    salon.start()
    back = await host.enter(meeting, capabilities=["captions"])
    assert (await back.expect(STATE))["payload"] == before
    assert (await switch(host, meeting, on=False)).status_code == 200
    assert (await back.expect(STATE))["payload"]["enabled"] is False

    salon.stop()
    salon.start()
    again = await host.enter(meeting, capabilities=["captions"])
    assert (await again.expect(STATE))["payload"]["enabled"] is False
    for one in (tab, back, again):
        await one.close()
    await host.close()


@pytest.mark.timeout(120)
async def test_captions_whose_meeting_is_over_do_not_come_back(make_salon: Callable[..., Salon]) -> None:
    salon = make_salon()
    host = await Person.register(salon.url, "host")
    meeting = await host.create_meeting(settings={"enable_ai": True})
    assert (await switch(host, meeting, on=True)).status_code == 200
    assert (await host.request("POST", f"/api/v1/meetings/{meeting}/end")).status_code == 200
    salon.stop()
    salon.start()
    answer = await host.request("GET", f"/api/v1/ai/captions/{meeting}")
    assert answer.json()["data"]["enabled"] is False
    await host.close()
