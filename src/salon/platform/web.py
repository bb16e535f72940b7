"""How every service speaks HTTP: one rendering of errors."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from salon.platform.envelope import ErrorBody
from salon.platform.errors import SalonError

RAW_MARK = "x-raw"
"""Notes a `RawRoute` while the OpenAPI document is being made; not in the document itself."""


class RawRoute(APIRoute):
    """A route whose answers have no envelope; its errors carry their text under `error` too.

    Use as ``APIRouter(route_class=RawRoute)``.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        # The OpenAPI document is made from what routes say of themselves, not from their class.
        options["openapi_extra"] = {**(options.get("openapi_extra") or {}), RAW_MARK: True}
        super().__init__(path, endpoint, **options)


def add_error_handlers(app: FastAPI) -> None:
    """Render every refusal as the envelope."""
    app.add_exception_handler(SalonError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(HTTPException, _on_http_error)


def _answer(
    request: Request, status: int, message: str, headers: dict[str, str] | None = None
) -> JSONResponse:
    is_raw = isinstance(request.scope.get("route"), RawRoute)
    body = ErrorBody(code=status, message=message, error=message if is_raw else None)
    return JSONResponse(body.model_dump(mode="json"), status_code=status, headers=headers)


async def _on_refusal(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, SalonError):
        raise error
    headers = dict(error.headers)
    if error.retry_after_s:
        headers["retry-after"] = str(error.retry_after_s)
    return _answer(request, error.status, error.message, headers)


async def _on_bad_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    return _answer(request, 400, "; ".join(_explain(item) for item in error.errors()[:5]))


def _explain(item: dict[str, Any]) -> str:
    """One fault in words, without the value: it may be a password."""
    if item.get("type") == "json_invalid":
        return "The body is not valid JSON."
    if item.get("type") in ("model_attributes_type", "dict_type", "model_type") and item.get("loc") == (
        "body",
    ):
        return "The body should be a JSON object."
    place = [str(part) for part in item.get("loc", ()) if part not in ("body", "query", "path")]
    text = str(item.get("msg", "not valid")).removeprefix("Value error, ")
    return f"{'.'.join(place)}: {text}" if place else text


async def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    message = error.detail
    if message == HTTPStatus(error.status_code).phrase:
        message = _PLAIN.get(error.status_code, message)
    headers = dict(error.headers) if error.headers else None
    return _answer(request, error.status_code, message, headers)


_PLAIN = {
    404: "There is nothing at this address. See /docs.",
    405: "This address does not take that method. See /docs.",
}
