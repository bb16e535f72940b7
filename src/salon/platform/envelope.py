"""The one shape of answers: ``{code, message, data?, timestamp, request_id?}``."""

import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema

T = TypeVar("T")

echoed_request_id: ContextVar[str | None] = ContextVar("echoed_request_id", default=None)
"""The id a client sent with its request; only such an id is repeated in the answer."""


def rfc3339(moment: datetime) -> str:
    """A moment as the wire has it: UTC, milliseconds, ``Z``. A naive one is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rfc3339_seconds(moment: datetime) -> str:
    """As `rfc3339`, in whole seconds: the precision of the envelope."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_ANSWERED_MOMENT = WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization")
"""What a serializer's return type alone does not tell the OpenAPI document."""

Timestamp = Annotated[datetime, PlainSerializer(rfc3339, return_type=str), _ANSWERED_MOMENT]
"""A moment in an answer."""

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _check_written(value: object) -> object:
    # Pydantic takes numbers, and texts of digits, for seconds since 1970.
    if not isinstance(value, datetime) and not (isinstance(value, str) and _WRITTEN.match(value)):
        raise ValueError("should be a time with its zone, such as 2031-05-06T09:00:00Z")
    return value


SentMoment = Annotated[AwareDatetime, BeforeValidator(_check_written)]
"""A moment in a request: RFC 3339 with a zone, and nothing else."""

SecondsTimestamp = Annotated[datetime, PlainSerializer(rfc3339_seconds, return_type=str), _ANSWERED_MOMENT]
"""The moment of an answer itself."""


def _request_id() -> str | None:
    return echoed_request_id.get()


class Envelope(BaseModel, Generic[T]):
    """What every enveloped endpoint answers."""

    code: int
    message: str
    data: T | None = Field(default=None, exclude_if=lambda value: value is None)
    timestamp: SecondsTimestamp = Field(default_factory=lambda: datetime.now(UTC))
    request_id: str | None = Field(default_factory=_request_id, exclude_if=lambda value: value is None)

    @classmethod
    def success(cls, data: T | None = None, *, message: str = "success") -> Self:
        """The answer of status 200."""
        return cls(code=200, message=message, data=data)

    @classmethod
    def created(cls, data: T) -> Self:
        """The answer of status 201; the route must declare that status."""
        return cls(code=201, message="created", data=data)


class ErrorBody(BaseModel):
    """What every endpoint answers when it refuses."""

    code: int
    message: str
    error: str | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description="The message again, on endpoints whose answers have no envelope.",
    )
    timestamp: SecondsTimestamp = Field(default_factory=lambda: datetime.now(UTC))
    request_id: str | None = Field(default_factory=_request_id, exclude_if=lambda value: value is None)


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route that may answer with these error statuses.

    What follows from the form of a route (a body, an id in its path, a sign-in) need not be said; what each
    status means and looks like is added where the OpenAPI document is made.
    """
    return {status: {"description": ""} for status in statuses}


def is_text(value: str) -> bool:
    """Whether every database and every client can take it: no NUL, no half of a surrogate pair."""
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


class RequestModel(BaseModel):
    """A request body: unknown fields are ignored, the letter case of its keys does not matter."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False)

    @model_validator(mode="before")
    @classmethod
    def _fold_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        folded: dict[Any, Any] = {}
        for key, item in value.items():
            if item is None:
                continue  # as good as absent: some clients fill in every field
            if isinstance(item, str) and not is_text(item):
                raise ValueError("a text contains characters that are no text")
            name = key.lower() if isinstance(key, str) else key
            # The exact spelling wins over a variant of it in the same object.
            if name == key or name not in folded:
                folded[name] = item
        return folded

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say of every field that may be left out that it may be null, too."""
        schema = handler(core_schema)
        if handler.mode == "validation":
            described = handler.resolve_ref_schema(schema)
            required = described.get("required", ())
            for name, part in described.get("properties", {}).items():
                if name not in required:
                    described["properties"][name] = _nullable(part)
        return schema


_BESIDE = ("title", "description", "default", "examples")


def _nullable(part: dict[str, Any]) -> dict[str, Any]:
    variants = part.get("anyOf", ())
    if {"type": "null"} in variants:
        return part
    beside = {name: value for name, value in part.items() if name in _BESIDE}
    itself = {name: value for name, value in part.items() if name not in _BESIDE}
    return {"anyOf": [*(variants or [itself]), {"type": "null"}], **beside}
