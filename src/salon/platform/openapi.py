"""`/openapi.json`: what FastAPI knows of the routes, completed with what holds for all of them.

A route says in ``responses=errors(...)`` only how it refuses by itself. Added here, for every route alike:
the refusals that follow from its form (a body, an id in the path, a sign-in), one shared description of each
refusal, and examples. A new route gets all of it without a word.
"""

import inspect
import threading
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import JsonValue

from salon.platform.envelope import ErrorBody
from salon.platform.errors import REFUSALS, SalonError
from salon.platform.examples import MOMENT, Examples, Vocabulary
from salon.platform.web import RAW_MARK

_JSON = "application/json"
_SAFE_METHODS = ("get", "head", "options")

Operation = dict[str, Any]


def install_openapi(app: FastAPI, vocabulary: Vocabulary) -> None:
    """Serve `/openapi.json`; the application must have been made with ``openapi_url=None``.

    Composing it takes a second of computation, so it is done in a thread, once, when it is first asked for.
    """
    composing = threading.Lock()

    def openapi() -> dict[str, Any]:
        with composing:
            if app.openapi_schema is None:
                document = get_openapi(
                    title=app.title, version=app.version, description=app.description, routes=app.routes
                )
                complete(document, vocabulary)
                app.openapi_schema = document
            return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way

    @app.get("/openapi.json", include_in_schema=False)
    def serve() -> JSONResponse:
        return JSONResponse(openapi())


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Path, method in small letters, and description of each operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def complete(document: dict[str, Any], vocabulary: Vocabulary) -> None:
    """Add to a document of FastAPI's what holds for all routes."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas[ErrorBody.__name__] = ErrorBody.model_json_schema(mode="serialization")
    components["responses"] = dict(_shared_refusals())
    examples = Examples(schemas, vocabulary)
    for _, method, operation in operations_of(document):
        is_raw = operation.pop(RAW_MARK, False)
        _share_refusals(operation, method, is_raw=is_raw)
        _give_examples(operation, examples)


def _shared_refusals() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in REFUSALS:
        yield _name_of(kind, is_raw=False), _refusal(kind, is_raw=False)
        yield _name_of(kind, is_raw=True), _refusal(kind, is_raw=True)


def _name_of(kind: type[SalonError], *, is_raw: bool) -> str:
    return f"{kind.__name__}Raw" if is_raw else kind.__name__


def _refusal(kind: type[SalonError], *, is_raw: bool) -> dict[str, Any]:
    """One answer, described from the class that is raised for it."""
    example: dict[str, JsonValue] = {"code": kind.status, "message": kind.text}
    if is_raw:
        example["error"] = kind.text
    example["timestamp"] = MOMENT
    schema = {"$ref": f"#/components/schemas/{ErrorBody.__name__}"}
    response: dict[str, Any] = {
        "description": inspect.getdoc(kind),
        "content": {_JSON: {"schema": schema, "example": example}},
    }
    if kind.may_retry:
        header = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        response["headers"] = {"Retry-After": header}
    return response


def _share_refusals(operation: Operation, method: str, *, is_raw: bool) -> None:
    """Point every refusal at its shared description, those included that follow from the route's form."""
    responses = operation["responses"]
    # Bad input is 400 here, not FastAPI's 422.
    responses.pop("422", None)
    statuses = {int(status) for status in responses if int(status) >= 400} | set(_implied(operation, method))
    answers = {status: answer for status, answer in responses.items() if int(status) < 400}
    kinds = {kind.status: kind for kind in REFUSALS}
    for status in sorted(statuses):
        name = _name_of(kinds[status], is_raw=is_raw)
        answers[str(status)] = {"$ref": f"#/components/responses/{name}"}
    operation["responses"] = answers


def _implied(operation: Operation, method: str) -> Iterator[int]:
    if "requestBody" in operation:
        # The edge, too, refuses what is too large before any route is asked.
        yield from (400, 413)
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
        yield 400
    if "security" in operation:
        yield 401
        if method not in _SAFE_METHODS:
            # By cookie from another site's page.
            yield 403


def _give_examples(operation: Operation, examples: Examples) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter.get("required"):
            parameter["example"] = examples.of_parameter(parameter["name"], parameter["schema"])
    taken = operation.get("requestBody", {}).get("content", {}).get(_JSON)
    if taken is not None:
        taken["example"] = examples.of_request(taken["schema"])
    for status, response in operation["responses"].items():
        answered = response.get("content", {}).get(_JSON)
        if answered is None or not answered.get("schema"):
            continue
        example = examples.of_answer(answered["schema"])
        if isinstance(example, dict) and {"code", "message", "timestamp"} <= example.keys():
            example = _enveloped(example, int(status))
        answered["example"] = example


def _enveloped(example: dict[str, JsonValue], status: int) -> JsonValue:
    example |= {"code": status, "message": "created" if status == 201 else "success", "timestamp": MOMENT}
    # Only with a request that brought one; data only where there is some.
    return {key: value for key, value in example.items() if key != "request_id" and value is not None}
