"""The file store is away: uploads are told so, work waits, and everything goes on when it is back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from support.clips import clip, picture
from support.people import Person
from support.s3 import S3
from support.server import Salon
from support.wait import eventually

MEDIA = "/api/v1/media"
IN_TIME_S = 100.0


@pytest.fixture
def s3() -> Iterator[S3]:
    server = S3().start()
    yield server
    server.remove()


@pytest.fixture
async def person(make_salon: Callable[..., Salon], s3: S3) -> AsyncIterator[Person]:
    own = make_salon(storage=s3.settings("outage"))
    person = await Person.register(own.url, "keeper")
    yield person
    await person.close()


async def upload(person: Person, content: bytes, name: str) -> Any:
    return await person.request("POST", f"{MEDIA}/upload", files={"file": (name, content, "video/mp4")})


async def job_of(person: Person, job_id: str) -> dict[str, Any]:
    answer = await person.request("GET", f"/api/v1/ffmpeg/job/{job_id}/status")
    job: dict[str, Any] = answer.json()["job"]
    return job


@pytest.mark.timeout(300)
async def test_an_outage_loses_nothing(person: Person, s3: S3) -> None:
    file_id = (await upload(person, clip("mp4"), "a.mp4")).json()["media_file"]["file_id"]
    doomed = (await upload(person, picture(), "b.png")).json()["media_file"]["file_id"]
    assert s3.objects
    s3.stop()

    refused = await upload(person, picture(), "c.png")
    assert refused.status_code == 503
    assert "storage" in refused.json()["message"]
    assert refused.headers["retry-after"]
    assert (await person.request("GET", f"{MEDIA}/download/{file_id}")).status_code == 503
    # What lies in the database goes on: asking, listing, removing.
    asked = await person.request("POST", "/api/v1/ffmpeg/thumbnail", json={"file_id": file_id})
    assert asked.status_code == 200, asked.text
    job_id = asked.json()["job_id"]
    assert (await person.request("DELETE", f"{MEDIA}/{doomed}")).status_code == 200
    assert (await person.request("GET", MEDIA)).json()["data"]["total"] == 1

    async def begun() -> bool:
        return (await job_of(person, job_id))["start_time"] is not None

    await eventually(begun, bool, within_s=IN_TIME_S)
    assert (await job_of(person, job_id))["status"] in ("pending", "processing")

    s3.start()

    async def job() -> dict[str, Any]:
        return await job_of(person, job_id)

    done = await eventually(job, lambda job: job["status"] in ("completed", "failed"), within_s=IN_TIME_S)
    assert done["status"] == "completed", done
    assert (await person.request("GET", f"{MEDIA}/download/{file_id}")).content == clip("mp4")

    async def left() -> list[str]:
        return [name for name in s3.objects if doomed in name]

    await eventually(left, lambda names: names == [], within_s=IN_TIME_S)
    assert (await upload(person, picture(), "c.png")).status_code == 200
