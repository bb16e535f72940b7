"""The audit log for administrators."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, JsonValue

from salon.platform.audit import AuditRow
from salon.platform.audit_book import AuditBook, AuditQuery
from salon.platform.auth import Admin
from salon.platform.envelope import Envelope, Timestamp, errors
from salon.platform.ids import MAX_ROW_ID
from salon.platform.paging import Paging

router = APIRouter(prefix="/api/v1/admin/audit", tags=["admin"])


class AuditEntryView(BaseModel):
    """One thing that was done, or tried."""

    id: int
    at: Timestamp
    action: str
    outcome: str
    actor_id: int | None
    actor_name: str
    target: str
    meeting_id: int | None
    address: str
    details: dict[str, JsonValue]
    row_hash: str


class AuditPage(BaseModel):
    """One page of the log."""

    list: list[AuditEntryView]
    total: int
    page: int
    page_size: int
    total_pages: int


class AuditState(BaseModel):
    """Whether the chain is whole."""

    whole: bool
    rows: int
    last_hash: str
    fault: str


def _book(request: Request) -> AuditBook:
    book: AuditBook = request.app.state.audit_book
    return book


def _read_query(
    *,
    action: Annotated[str, Query(max_length=64, pattern=r"^[a-z_.]*$", description="or its noun")] = "",
    actor_id: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID)] = None,
    meeting_id: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    keyword: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
) -> AuditQuery:
    return AuditQuery(action, actor_id, meeting_id, since, until, keyword.strip())


BookDep = Annotated[AuditBook, Depends(_book)]


@router.get("", responses=errors(400, 401, 403))
async def list_audit(
    _caller: Admin, book: BookDep, paging: Paging, query: Annotated[AuditQuery, Depends(_read_query)]
) -> Envelope[AuditPage]:
    """What was done, newest first."""
    rows, total = await book.page(query, offset=paging.offset, limit=paging.page_size)
    return Envelope.success(
        AuditPage(
            list=[view_of(row) for row in rows],
            total=total,
            page=paging.page,
            page_size=paging.page_size,
            total_pages=-(-total // paging.page_size),
        )
    )


@router.get("/verify", responses=errors(401, 403))
async def verify_audit(_caller: Admin, book: BookDep) -> Envelope[AuditState]:
    """Whether nothing in the log was changed since it was written. Walks all of it."""
    verdict = await book.verify()
    return Envelope.success(
        AuditState(
            whole=verdict.is_whole, rows=verdict.rows, last_hash=verdict.last_hash, fault=verdict.fault
        )
    )


def view_of(row: AuditRow) -> AuditEntryView:
    """A row as it is shown and exported."""
    return AuditEntryView(
        id=row.id,
        at=row.at,
        action=row.action,
        outcome=row.outcome,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        target=row.target,
        meeting_id=row.meeting_id,
        address=row.address,
        details=json.loads(row.details),
        row_hash=row.row_hash,
    )
