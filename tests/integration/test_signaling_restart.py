"""What signaling keeps over a restart, and what it sets right."""

from collections.abc import Callable

from support.people import Person, Tab
from support.server import Salon
from support.wait import eventually


async def test_records_and_chat_outlive_a_restart(make_salon: Callable[..., Salon]) -> None:
    salon = make_salon()
    host = await Person.register(salon.url, "host")
    meeting = await host.create_meeting()
    tab: Tab = await host.enter(meeting)
    await tab.say(8, {"content": "remember me"})
    await tab.expect(8)
    salon.stop()
    await tab.expect_closed(1012)

    salon.start()
    path = f"/api/v1/messages/history/{meeting}"
    rows = (await host.request("GET", path)).json()["data"]
    assert [row["message_type"] for row in rows] == [8]
    assert (await host.request("GET", f"/api/v1/sessions/room/{meeting}")).json()["data"] == []
    back = await host.open(meeting, tab.peer_id)
    await back.say(4)
    assert (await back.expect(14))["payload"]["participant_count"] == 1

    async def count() -> int:
        answer = await host.request("GET", f"/api/v1/sessions/room/{meeting}")
        return len(answer.json()["data"])

    await eventually(count, lambda found: found == 1)
    await back.close()
    await host.close()
