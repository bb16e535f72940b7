"""The tree of errors that reach a caller.

SalonError
├── BadRequest 400          what was sent makes no sense, or not now
├── NotSignedIn 401         nobody, or nobody any more
├── NotAllowed 403          known, but without the right
├── NotFound 404            not there, or not for this caller
├── Conflict 409            the state of things forbids it
├── PreconditionFailed 412  made for another version of a protocol
├── TooLarge 413            more than is taken
├── UnsupportedType 415     a kind of body that is not taken
├── RangeNotSatisfiable 416 a part of a file that is beyond its end
├── TooManyRequests 429     later
└── Unavailable 503         not now, through no fault of the caller

Services subclass these, with a text that says what happened and what to do.
"""

from typing import ClassVar


class SalonError(Exception):
    """An answer to the caller that is not a success.

    Attributes:
        status: the HTTP status.
        kind: a stable name for logs and figures.
        message: what the caller reads.
        headers: more headers of the answer.
    """

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "internal"
    text: ClassVar[str] = "Something went wrong on the server. Try again."
    may_retry: ClassVar[bool] = False
    """Whether it can say when to come back."""

    def __init__(self, message: str | None = None, *, retry_after_s: int | None = None) -> None:
        self.message = message if message is not None else self.text
        self.retry_after_s = retry_after_s
        self.headers: dict[str, str] = {}
        super().__init__(self.message)


class BadRequest(SalonError):
    """The request is not valid, or not possible in this state."""

    status = 400
    kind = "bad_request"
    text = "The request is not valid."


class NotSignedIn(SalonError):
    """Not signed in, or the credentials are wrong."""

    status = 401
    kind = "not_signed_in"
    text = "Sign in first."


class NotAllowed(SalonError):
    """Signed in, but without the right; or a write that another site's page sent."""

    status = 403
    kind = "not_allowed"
    text = "Insufficient permissions"


class NotFound(SalonError):
    """Not there, or not for this caller."""

    status = 404
    kind = "not_found"
    text = "Not found."


class Conflict(SalonError):
    """The state of things forbids it."""

    status = 409
    kind = "conflict"
    text = "This is not possible now."


class TooLarge(SalonError):
    """More than is taken."""

    status = 413
    kind = "too_large"
    text = "The request is too large."


class UnsupportedType(SalonError):
    """A kind of body that is not taken."""

    status = 415
    kind = "unsupported_type"
    text = "This type of content is not accepted."


class PreconditionFailed(SalonError):
    """Made for another version of a protocol."""

    status = 412
    kind = "precondition_failed"
    text = "This version of the protocol is not spoken here."


class RangeNotSatisfiable(SalonError):
    """The part that was asked for begins beyond the end of the file."""

    status = 416
    kind = "range_not_satisfiable"
    text = "The file ends before this part of it."


class TooManyRequests(SalonError):
    """Too often; `Retry-After` says when to come back."""

    status = 429
    kind = "too_many_requests"
    may_retry = True
    text = "Too many requests. Wait a moment."


class Unavailable(SalonError):
    """Busy or not ready, through no fault of the caller; come back a little later."""

    status = 503
    kind = "unavailable"
    may_retry = True
    text = "The server is busy. Try again in a moment."


REFUSALS: tuple[type[SalonError], ...] = (
    BadRequest,
    NotSignedIn,
    NotAllowed,
    NotFound,
    Conflict,
    PreconditionFailed,
    TooLarge,
    UnsupportedType,
    RangeNotSatisfiable,
    TooManyRequests,
    Unavailable,
)
"""One class a status. Their docstrings describe the refusals in the OpenAPI document."""
