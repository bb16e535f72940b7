"""The one shape of answers: ``{code, message, data?, timestamp, request_id?}``."""

from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

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


Timestamp = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
"""A moment in an answer."""


def _request_id() -> str | None:
    return echoed_request_id.get()


class Envelope(BaseModel, Generic[T]):
    """What every enveloped endpoint answers."""

    code: int
    message: str
    data: T | None = Field(default=None, exclude_if=lambda value: value is None)
    timestamp: Annotated[datetime, PlainSerializer(rfc3339_seconds, return_type=str)] = Field(
        default_factory=lambda: datetime.now(UTC)
    )
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
    timestamp: Annotated[datetime, PlainSerializer(rfc3339_seconds, return_type=str)] = Field(
        default_factory=lambda: datetime.now(UTC)
    )
    request_id: str | None = Field(default_factory=_request_id, exclude_if=lambda value: value is None)


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route that may answer with these error statuses."""
    return {status: {"model": ErrorBody, "description": _REASONS[status]} for status in statuses}


_REASONS = {
    400: "The request is not valid, or not possible in this state.",
    401: "Not signed in, or the credentials are wrong.",
    403: "Signed in, but without the right.",
    404: "Not there, or not for this caller.",
    409: "The state of things forbids it.",
    413: "The body is too large.",
    415: "This type of content is not accepted.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "Busy or not ready; `Retry-After` says when to come back.",
}


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
