"""The tree of errors that reach a caller.

SalonError
├── BadRequest 400          what was sent makes no sense, or not now
├── NotSignedIn 401         nobody, or nobody any more
├── NotAllowed 403          known, but without the right
├── NotFound 404            not there, or not for this caller
├── Conflict 409            the state of things forbids it
├── TooLarge 413            more than is taken
├── UnsupportedType 415     a kind of body that is not taken
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

    def __init__(self, message: str | None = None, *, retry_after_s: int | None = None) -> None:
        self.message = message if message is not None else self.text
        self.retry_after_s = retry_after_s
        self.headers: dict[str, str] = {}
        super().__init__(self.message)


class BadRequest(SalonError):
    """What was sent makes no sense, or not now."""

    status = 400
    kind = "bad_request"
    text = "The request is not valid."


class NotSignedIn(SalonError):
    """Nobody, or nobody any more."""

    status = 401
    kind = "not_signed_in"
    text = "Sign in first."


class NotAllowed(SalonError):
    """Known, but without the right."""

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


class TooManyRequests(SalonError):
    """Later."""

    status = 429
    kind = "too_many_requests"
    text = "Too many requests. Wait a moment."


class Unavailable(SalonError):
    """Not now, through no fault of the caller."""

    status = 503
    kind = "unavailable"
    text = "The server is busy. Try again in a moment."
