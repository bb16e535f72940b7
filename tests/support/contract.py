"""Holds every answer against the contract: its envelope, its form, and the OpenAPI document."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from support import rows

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_RAW = re.compile(
    r"^/(health|status)$|^/api/v1/((?:webrtc|recording|ffmpeg)/.*|media(/.*)?|stats/overview|(users|meetings|media)/health)$"
)
_DOCUMENTS: dict[str, dict[str, Any]] = {}


class ContractBroken(AssertionError):
    """An answer is not what the contract says."""


def _require(holds: bool, what: str, response: httpx.Response) -> None:
    if not holds:
        request = response.request
        raise ContractBroken(
            f"{request.method} {request.url.path} -> {response.status_code}: {what}\n{response.text[:500]}"
        )


async def hold(response: httpx.Response) -> None:
    """An event hook of a client: raises on the first answer that breaks the contract."""
    await response.aread()
    path = response.request.url.path
    if response.request.method == "OPTIONS" or not path.startswith(("/api/", "/admin/")):
        return
    found = await _find_operation(response)
    if found is not None:
        rows.note(response.request.method, found[0], response.status_code)
    if not path.startswith("/api/"):
        return
    _require(response.headers.get("cache-control") == "no-store", "must not be cached", response)
    _require(response.headers.get("x-content-type-options") == "nosniff", "nosniff", response)
    _hold_documented(response, found)
    if response.status_code in (204, 304) or response.request.method == "HEAD" or response.is_redirect:
        _require(response.content == b"", "nobody reads this content", response)
        return
    if response.is_success and not response.headers.get("content-type", "").startswith("application/json"):
        return  # a file, such as a calendar
    body = response.json()
    _require(
        not re.search(r'[:,] (?=["\d\[{tfn-])', _without_strings(response.text)), "not compact", response
    )
    is_raw = _RAW.match(path) is not None
    if is_raw and response.is_success:
        return
    _require(body["code"] == response.status_code, "code differs from the status", response)
    _require(isinstance(body["message"], str) and body["message"] != "", "no message", response)
    _require(_TIMESTAMP.fullmatch(body["timestamp"]) is not None, "timestamp", response)
    given = response.request.headers.get("x-request-id") or response.request.headers.get("request-id")
    _require(body.get("request_id") == given, "request_id is not the one sent", response)
    if response.is_success:
        _require("data" not in body or body["data"] is not None, "data is null", response)
    else:
        _require("data" not in body, "an error has no data", response)
        _require(not is_raw or body["error"] == body["message"], "a RAW error needs `error`", response)
        _require("Traceback" not in body["message"], "a traceback", response)


def _without_strings(text: str) -> str:
    return re.sub(r'"(?:[^"\\]|\\.)*"', '"s"', text)


def _hold_documented(response: httpx.Response, found: tuple[str, dict[str, Any]] | None) -> None:
    """The endpoint and this very status are in `/openapi.json`."""
    if response.status_code in (405, 500):
        _require(response.status_code != 500, "500", response)
        return
    if found is None:
        _require(response.status_code in (401, 404), "endpoint is not in the OpenAPI document", response)
        return
    statuses = found[1]["responses"]
    # 413 may meet every body; what is too large is refused before an endpoint is looked for.
    known = str(response.status_code) in statuses or response.status_code == 413
    _require(known, f"status is not in the OpenAPI document ({list(statuses)})", response)


async def _find_operation(response: httpx.Response) -> tuple[str, dict[str, Any]] | None:
    """The path template and the operation that this request meant."""
    document = await _document(str(response.request.url.copy_with(path="/", query=None)))
    path, method = response.request.url.path, response.request.method.lower()
    method = "get" if method == "head" else method
    for template, operations in document["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method in operations:
            return template, operations[method]
    return None


async def _document(base: str) -> dict[str, Any]:
    if base not in _DOCUMENTS:
        async with httpx.AsyncClient(base_url=base, timeout=60) as client:
            _DOCUMENTS[base] = json.loads((await client.get("/openapi.json")).text)
    return _DOCUMENTS[base]


def client(url: str, **options: Any) -> httpx.AsyncClient:
    """A client whose every answer is held against the contract."""
    return httpx.AsyncClient(base_url=url, timeout=30, event_hooks={"response": [hold]}, **options)
