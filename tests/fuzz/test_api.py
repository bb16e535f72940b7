"""Thousands of requests made up from the OpenAPI document, against a running Salon.

Every operation is called by an anonymous caller, a user and an administrator: with data that the document
allows, and with data that it forbids. Half of the allowed ones carry ids of real objects, so that the calls
reach what lies behind "not found". What is answered must be documented: status, headers, content type, form.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import nullcontext, suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    AcceptedNegativeData,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support.people import Person
from support.scene import Cast, Scene, make_cast, make_offer
from support.serving import Serving, environment_of
from support.valid_requests import OWN_ACCOUNT, OWN_TARGET, needs_live, parameters_of

T = TypeVar("T")

SEED = 20_310_506
EXAMPLES = int(os.environ.get("SALON_FUZZ_EXAMPLES", "5"))
"""Of each kind, allowed and forbidden, for each operation and caller; fewer where there is less to say."""

FEW = 6
"""At most so many for operations that end the caller's account, which is then made anew."""

CALLS = 460 * EXAMPLES
"""At least so many calls must come of it, all callers together."""

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]

MAY_BE_UNAVAILABLE = {
    # There is no detector of synthetic voices, and it says so; nothing else is busy with one caller.
    "POST /api/v1/ai/synthesis",
    "POST /api/v1/ai/analyze",
}
"""Documented 503 that are no fault. Every other answer above 499 is one."""

CALLERS = ("anonymous", "user", "admin")


class Backstage:
    """Runs what prepares the calls, in a thread with a loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        """Stop the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Fuzzer:
    """One caller who tries every operation."""

    def __init__(self, server: Serving, backstage: Backstage, role: str) -> None:
        self.server = server
        self.backstage = backstage
        self.role = role
        self.calls = 0
        self.statuses: Counter[int] = Counter()
        self.faults: dict[tuple[str, str, int], str] = {}
        self._session = requests.Session()
        # Nobody's answer may make an anonymous caller signed in.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._offer = backstage.do(make_offer())
        self._cast: Cast = {}
        self._scene: Scene | None = None
        self._scene = self._set_up("")

    def try_operation(self, operation: APIOperation, examples: int = EXAMPLES) -> None:
        """Call an operation with what is allowed, and with what is not."""
        route = operation.label
        if not route.startswith("GET ") or needs_live(route):
            self._scene = self._set_up(route)
        if route in OWN_ACCOUNT:
            examples = min(FEW, examples)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not _takes_anything(operation):
                continue

            @hypothesis.seed(SEED)
            @settings(
                max_examples=examples,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @hypothesis.given(case=operation.as_strategy(generation_mode=mode), is_real=st.booleans())
            def call(case: Case, is_real: bool) -> None:
                if is_real or case.meta.generation.mode.is_negative:
                    self._put_in_real_ids(case)
                self._call(case)

            with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
                # There is nothing that a text without limits forbids.
                call()

    def _call(self, case: Case) -> None:
        headers = {} if self.role == "anonymous" else {"Authorization": f"Bearer {self._caller.token}"}
        self.calls += 1
        response = case.call(base_url=self.server.url, session=self._session, headers=headers)
        self.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for failure in group.exceptions:
                if response.status_code == 503 and case.operation.label in MAY_BE_UNAVAILABLE:
                    continue
                if isinstance(failure, AcceptedNegativeData) and case.media_type == "multipart/form-data":
                    continue  # in a form everything is text, whatever type it was before it was written there
                key = (case.operation.label, type(failure).__name__, response.status_code)
                self.faults.setdefault(key, f"{failure}\n{case.as_curl_command()}\n{response.text[:300]}")
        if response.status_code == 401 and headers and not self._is_signed_in():
            self.close()
            self._scene = self._set_up(case.operation.label)

    @property
    def scene(self) -> Scene:
        """The meeting that the calls are about."""
        assert self._scene is not None
        return self._scene

    @property
    def _caller(self) -> Person:
        return self.scene.cast["host"]

    def _is_signed_in(self) -> bool:
        headers = {"Authorization": f"Bearer {self._caller.token}"}
        return self._session.get(f"{self.server.url}/api/v1/users/profile", headers=headers).ok

    def _set_up(self, route: str) -> Scene:
        self.backstage.do(self._leave())
        try:
            return self.backstage.do(self._make_scene(route))
        except AssertionError:
            # An administrator may have banned somebody of the cast.
            self.close()
            return self.backstage.do(self._make_scene(route))

    def close(self) -> None:
        """Close what was opened; a cast is made anew when it is needed again."""
        self.backstage.do(self._leave())
        for person in self._cast.values():
            self.backstage.do(person.close())
        self._cast = {}

    async def _leave(self) -> None:
        if self._scene is not None:
            await self._scene.close()

    async def _make_scene(self, route: str) -> Scene:
        if not self._cast:
            self._cast = await make_cast(self.server)
            caller = self._cast["admin" if self.role == "admin" else "host"]
            # The caller hosts the meeting, and is the one with a media peer in it.
            self._cast |= {"host": caller, "participant": caller}
        if route in OWN_TARGET:
            self._cast["bystander"] = await Person.register(self.server.url, "target")
        if needs_live(route):
            return await Scene.make_live(self._cast, self._offer, ["participant"])
        return await Scene.make(self._cast, ["participant"])

    def _put_in_real_ids(self, case: Case) -> None:
        """Replace made-up ids by those of the scene, where they are not the forbidden part."""
        known = parameters_of(self.scene)
        if _is_allowed(case, ParameterLocation.PATH) and case.path_parameters:
            case.path_parameters = {
                name: known.get(name, value) for name, value in case.path_parameters.items()
            }
        if _is_allowed(case, ParameterLocation.BODY) and isinstance(case.body, dict):
            own = {
                **known,
                "user_id": self._caller.user_id if "/webrtc/" in case.path else known["user_id"],
                "user_ids": [known["user_id"]],
                "invite": self.scene.invite_token,
                "token": self._caller.token,
            }
            case.body = {name: own.get(name, value) for name, value in case.body.items()}


def _takes_anything(operation: APIOperation) -> bool:
    return any(True for _ in operation.iter_parameters()) or bool(operation.body)


def _is_allowed(case: Case, part: ParameterLocation) -> bool:
    found = case.meta.components.get(part)
    return found is None or found.mode.is_positive


def told_by(document: dict[str, Any]) -> BaseSchema:
    """The operations of a document."""
    schema = schemathesis.openapi.from_dict(document)
    # Callers sign in as they do; made-up tokens would be most of what is "forbidden".
    schema.config.generation.update(with_security_parameters=False)
    return schema


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("fuzz")
    running = Serving(environment_of(folder / "data", SALON_RATE_LIMIT="off"), folder / "server.log")
    running.wait_until_it_answers()
    yield running
    running.process.terminate()
    running.process.wait()


@pytest.fixture(scope="module")
def backstage() -> Iterator[Backstage]:
    one = Backstage()
    yield one
    one.close()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", CALLERS)
def test_every_answer_is_documented(server: Serving, backstage: Backstage, role: str) -> None:
    schema = told_by(requests.get(f"{server.url}/openapi.json", timeout=60).json())
    fuzzer = Fuzzer(server, backstage, role)
    for result in schema.get_all_operations():
        fuzzer.try_operation(result.ok())
    fuzzer.close()
    print(f"{fuzzer.calls} calls as {role}, seed {SEED}: {dict(fuzzer.statuses)}")
    faults = [f"{label}: {kind} ({status})\n{text}" for (label, kind, status), text in fuzzer.faults.items()]
    assert not faults, f"{len(faults)} kinds of faults\n" + "\n\n".join(faults)
    assert fuzzer.calls * len(CALLERS) >= CALLS
    assert "Traceback" not in server.log.read_text()


def test_it_would_notice(server: Serving, backstage: Backstage) -> None:
    """The same, with a document that lies in four places, on two operations."""
    document = requests.get(f"{server.url}/openapi.json", timeout=60).json()
    listing = document["paths"]["/api/v1/meetings"]["get"]
    page = next(one for one in listing["parameters"] if one["name"] == "page")
    page["schema"] = {"type": "integer", "minimum": 1}
    del document["paths"]["/api/v1/meetings/{meeting_id}"]["get"]["responses"]["404"]
    document["components"]["schemas"]["MeetingView"]["properties"]["title"]["type"] = "integer"
    figures = document["paths"]["/metrics"]["get"]["responses"]["200"]["content"]
    figures["text/html"] = figures.pop(next(iter(figures)))
    fuzzer = Fuzzer(server, backstage, "user")
    schema = told_by(document)
    for path in ("/api/v1/meetings", "/api/v1/meetings/{meeting_id}", "/metrics"):
        fuzzer.try_operation(schema[path]["GET"], examples=40)
    fuzzer.close()
    assert {kind for _, kind, _ in fuzzer.faults} == {
        "AcceptedNegativeData",
        "JsonSchemaError",
        "UndefinedContentType",
        "UndefinedStatusCode",
    }
