"""`/openapi.json` itself: every endpoint, every refusal, and examples that are true to their schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from pydantic import ValidationError
from support.people import Person
from support.server import Salon

from salon.platform.envelope import RequestModel
from salon.platform.examples import UNNAMED
from salon.platform.openapi import operations_of

Document = dict[str, Any]

UNDESCRIBED = {"/openapi.json", "/docs", "/docs/docs.js", "/docs/docs.css", "/api/v1/users"}
"""The description and its page; and the address that clients probe for what is not there."""


@pytest.fixture(scope="module")
def document(salon: Salon) -> Document:
    found: Document = httpx.get(f"{salon.url}/openapi.json", timeout=60).json()
    return found


def contents_of(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where it stands, and the JSON content there; refusals are shared and stand elsewhere."""
    described = {"request": operation.get("requestBody", {}), **operation["responses"]}
    for where, part in described.items():
        content = part.get("content", {}).get("application/json")
        if content is not None:
            yield where, content


def test_every_endpoint_is_there(salon: Salon, document: Document) -> None:
    assert {"/health", "/metrics", "/status"} <= set(document["paths"])
    assert len([path for path in document["paths"] if path.startswith("/api/v1/webrtc/")]) == 11
    assert set(salon.hidden_paths()) == UNDESCRIBED


def test_every_endpoint_says_what_it_does_and_how_it_refuses(document: Document) -> None:
    for path, method, operation in operations_of(document):
        statuses = set(operation["responses"])
        where = f"{method} {path}"
        assert operation.get("description"), where
        assert "422" not in statuses, where
        assert any(status < "400" for status in statuses), where
        if "security" in operation:
            assert "401" in statuses, where
        if "requestBody" in operation:
            assert {"400", "413"} <= statuses, where
        if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
            assert "400" in statuses, where


def test_refusals_are_described_once(document: Document) -> None:
    shared = document["components"]["responses"]
    for path, method, operation in operations_of(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                name = response["$ref"].rpartition("/")[2]
                assert shared[name]["content"]["application/json"]["example"]["code"] == int(status)
                is_raw = "error" in shared[name]["content"]["application/json"]["example"]
                assert is_raw == name.endswith("Raw"), f"{method} {path}"
    said = [response["description"] for name, response in shared.items() if not name.endswith("Raw")]
    assert len(set(said)) == len(said)


def test_examples_are_complete_and_fit_their_schemas(document: Document) -> None:
    for path, method, operation in operations_of(document):
        for where, content in contents_of(operation):
            place = f"{method} {path}: {where}"
            assert "example" in content, place
            assert UNNAMED not in str(content["example"]), f"{place}: name the field in vocabulary.py"
            schema = {**content["schema"], "components": document["components"]}
            validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
            problems = [str(problem) for problem in validator.iter_errors(content["example"])]
            assert not problems, f"{place}: {problems}"
        for parameter in operation.get("parameters", ()):
            assert not parameter.get("required") or parameter["example"] != UNNAMED, f"{method} {path}"
    for name, response in document["components"]["responses"].items():
        content = response["content"]["application/json"]
        schema = {**content["schema"], "components": document["components"]}
        assert jsonschema_rs.Draft202012Validator(schema).is_valid(content["example"]), name


def test_schemas_have_plain_names(document: Document) -> None:
    # Two classes of one name would show the modules they live in.
    assert not [name for name in document["components"]["schemas"] if "salon__" in name]


def test_what_may_be_left_out_may_be_null(document: Document) -> None:
    # Some clients fill in every field; `RequestModel` takes null for absent, and the document says so.
    schemas = document["components"]["schemas"]
    for name in ("CreateMeetingRequest", "MediaRequest", "LoginRequest", "MeetingSettings-Input"):
        optional = set(schemas[name]["properties"]) - set(schemas[name].get("required", ()))
        assert optional, name
        for field in optional:
            assert {"type": "null"} in schemas[name]["properties"][field]["anyOf"], f"{name}.{field}"


def request_models(kind: type[RequestModel] = RequestModel) -> Iterator[type[RequestModel]]:
    """Every shape of a request, nested ones included."""
    for child in kind.__subclasses__():
        yield child
        yield from request_models(child)


def test_a_switch_is_true_or_false_and_nothing_like_it() -> None:
    # The document says boolean; 0 and "false" were taken for it.
    switches = [
        (model, name)
        for model in request_models()
        for name, part in model.model_json_schema(mode="serialization").get("properties", {}).items()
        if part.get("type") == "boolean"
    ]
    assert len(switches) > 15
    for model, name in switches:
        for almost in (0, 0.0, 1, "false", "on"):
            with pytest.raises(ValidationError) as refused:
                model.model_validate({name: almost})
            assert (name,) in [error["loc"] for error in refused.value.errors()], f"{model.__name__}.{name}"


async def test_a_time_is_written_and_no_number(salon: Salon) -> None:
    # Numbers were taken for seconds since 1970, which the document does not say.
    admin = await Person.register_admin(salon, "admin")
    for wrong in ("0", "1e9", "1900000000", "-1.5"):
        answer = await admin.request("GET", "/api/v1/admin/audit", params={"since": wrong})
        assert answer.status_code == 400, wrong
    for number in (1_930_000_000, 1.93e9, "1930000000"):
        body = {"title": "Soon", "start_time": number}
        answer = await admin.request("POST", "/api/v1/meetings", json=body)
        assert (answer.status_code, "2031-05-06T09:00:00Z" in answer.text) == (400, True), number
    written = await admin.request("GET", "/api/v1/admin/audit", params={"since": "2031-05-06T09:00:00+02:00"})
    assert written.status_code == 200
    await admin.close()


async def test_null_is_as_good_as_absent(salon: Salon) -> None:
    host = await Person.register(salon.url, "host")
    meeting = await host.create_meeting(password=None, settings=None, max_participants=None)
    details = (await host.request("GET", f"/api/v1/meetings/{meeting}")).json()["data"]
    assert (details["max_participants"], details["has_password"]) == (100, False)
    await host.close()
