"""Request and response shapes of the user service."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints

from salon.platform.addresses import check_email
from salon.platform.envelope import RequestModel, Timestamp

_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^A-Za-z0-9]"))
_COMMON = (
    "password",
    "12345678",
    "qwerty",
    "abc123",
    "password123",
    "admin123",
    "letmein",
    "welcome",
    "monkey",
    "dragon",
)


def check_password(password: str) -> str:
    """The password, if it is one that may be chosen.

    Raises:
        ValueError: the text says what is missing.
    """
    if not 8 <= len(password) <= 128:
        raise ValueError("a password needs 8 to 128 characters")
    if sum(1 for kind in _CLASSES if kind.search(password)) < 3:
        raise ValueError(
            "a password needs three of: lower-case letters, upper-case letters, digits, other characters"
        )
    lowered = password.lower()
    for word in _COMMON:
        if word in lowered:
            raise ValueError(f"a password must not contain {word!r}: it is guessed first")
    return password


Username = Annotated[
    str,
    StringConstraints(min_length=3, max_length=20, pattern=r"^[A-Za-z0-9_]+$"),
    Field(description="3-20 letters, digits, underscores"),
]


class RegisterRequest(RequestModel):
    """A new account."""

    username: Username
    email: Annotated[str, StringConstraints(max_length=100), AfterValidator(check_email)]
    password: Annotated[str, AfterValidator(check_password)]
    nickname: Annotated[str, StringConstraints(max_length=50)] = ""
    phone: Annotated[str, StringConstraints(max_length=20)] = ""


class LoginRequest(RequestModel):
    """A sign-in."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="user name or e-mail address"
    )
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    totp_code: Annotated[str, StringConstraints(max_length=64)] = Field(
        default="", description="from the authenticator app, if the account asks for one"
    )
    recovery_code: Annotated[str, StringConstraints(max_length=64)] = Field(
        default="", description="in place of `totp_code`, once"
    )


class LogoutRequest(RequestModel):
    """How much is to end."""

    everywhere: StrictBool = Field(default=True, description="every sign-in of the account, or this one only")


class ForgotPasswordRequest(RequestModel):
    """Whose password is forgotten."""

    email: Annotated[str, StringConstraints(max_length=100), AfterValidator(check_email)]


class ResetPasswordRequest(RequestModel):
    """A new password, with the code that was mailed."""

    email: Annotated[str, StringConstraints(max_length=100), AfterValidator(check_email)]
    code: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: Annotated[str, AfterValidator(check_password)]


class SetupRequest(RequestModel):
    """The first administrator."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=128)] = Field(
        description="from the link that the server printed at its start"
    )
    username: Username
    email: Annotated[str, StringConstraints(max_length=100), AfterValidator(check_email)]
    password: Annotated[str, AfterValidator(check_password)]
    nickname: Annotated[str, StringConstraints(max_length=50)] = ""


class SetupState(BaseModel):
    """Whether this server still has no administrator."""

    needed: bool


class ProfileRequest(RequestModel):
    """What to change; what is absent stays, what is empty is cleared."""

    nickname: Annotated[str, StringConstraints(max_length=50)] | None = None
    avatar: Annotated[str, StringConstraints(max_length=255)] | None = Field(
        default=None, description="address of a picture"
    )
    phone: Annotated[str, StringConstraints(max_length=20)] | None = None


class AdminUserRequest(ProfileRequest):
    """What to change of somebody's account."""

    role: Annotated[int, Field(ge=1, le=4)] | None = None
    status: Annotated[int, Field(ge=0, le=2)] | None = None


class PasswordRequest(RequestModel):
    """A new password."""

    old_password: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    new_password: Annotated[str, AfterValidator(check_password)]


class RefreshRequest(RequestModel):
    """A token to exchange for a longer-lived one."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=8192)]


class UserProfile(BaseModel):
    """An account as its owner sees it."""

    id: int
    username: str
    email: str
    nickname: str
    avatar: str
    phone: str
    role: int
    status: int
    last_login: Timestamp | None
    created_at: Timestamp


class LoginResult(BaseModel):
    """Who signed in, and the token that proves it. The token stands here once and last."""

    user: UserProfile
    token: str


class TokenResult(BaseModel):
    """A token."""

    token: str


class CsrfResult(BaseModel):
    """A CSRF token."""

    csrf_token: str


class UserPage(BaseModel):
    """One page of accounts."""

    list: list[UserProfile]
    total: int
    page: int
    page_size: int
    total_pages: int


class AvatarResult(BaseModel):
    """Where the new picture is; the same address under both names."""

    avatar: str
    avatar_url: str
