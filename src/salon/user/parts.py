"""How the endpoints reach the service."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from salon.user.schema import UserProfile
from salon.user.store import UserRow

if TYPE_CHECKING:
    from salon.user.build import UserParts


async def _parts(request: Request) -> Any:
    return request.app.state.user


if TYPE_CHECKING:
    PartsDep = Annotated[UserParts, Depends(_parts)]
else:
    # The composition imports the endpoints; they know of it only its shape.
    PartsDep = Annotated[Any, Depends(_parts)]


def profile_of(user: UserRow) -> UserProfile:
    """The account as its owner and administrators see it."""
    return UserProfile.model_validate(user, from_attributes=True)
