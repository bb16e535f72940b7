"""Pages of a list: `page` and `page_size`, as every list of the API takes them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

DEFAULT_SIZE = 20
MAX_SIZE = 100
_MAX_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which part of a list somebody wants."""

    page: int
    page_size: int

    @property
    def offset(self) -> int:
        """How many entries come before."""
        return (self.page - 1) * self.page_size


async def _read_page(
    page: Annotated[str, Query(description="from 1; default 1")] = "",
    page_size: Annotated[str, Query(description="1-100; default 20")] = "",
) -> PageQuery:
    """Out of range, or no number: the default; clients rely on never being refused here."""
    return PageQuery(_number(page, 1, _MAX_PAGE, 1), _number(page_size, 1, MAX_SIZE, DEFAULT_SIZE))


def _number(text: str, low: int, high: int, default: int) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else default
    return number if low <= number <= high else default


Paging = Annotated[PageQuery, Depends(_read_page)]
"""A parameter of this type gives a list endpoint its page."""
