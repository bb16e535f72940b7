"""The audit log for administrators."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, JsonValue

from salon.platform.audit import AuditRow
from salon.platform.audit_book import AuditBook, AuditQuery
from salon.platform.auth import Admin
from salon.platform.envelope import Envelope, SentMoment, Timestamp, errors
from salon.platform.ids import MAX_ROW_ID
from salon.platform.paging import Paging

router = APIRouter(prefix="/api/v1/admin/audit", tags=["admin"])

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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


async def _book(request: Request) -> AuditBook:
    book: AuditBook = request.app.state.audit_book
    return book


async def _read_query(
    *,
    action: Annotated[str, Query(max_length=64, pattern=r"^[a-z_.]*$", description="or its noun")] = "",
    actor_id: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID)] = None,
    meeting_id: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID)] = None,
    since: SentMoment | None = None,
    until: SentMoment | None = None,
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


class AuditFile(StreamingResponse):
    """A part of the log as a file."""

    media_type = "application/octet-stream"


@router.get(
    "/export",
    response_class=AuditFile,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}, "application/x-ndjson": {}}},
        **errors(400, 401, 403),
    },
)
async def export_audit(
    _caller: Admin,
    book: BookDep,
    query: Annotated[AuditQuery, Depends(_read_query)],
    kind: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv",
) -> StreamingResponse:
    """What matches, oldest first, for a spreadsheet or as one JSON object a line."""
    lines, media_type, ending = (
        (csv_lines(book.walk(query)), "text/csv; charset=utf-8", "csv")
        if kind == "csv"
        else (json_lines(book.walk(query)), "application/x-ndjson", "jsonl")
    )
    headers = {"content-disposition": f'attachment; filename="salon-audit.{ending}"'}
    return AuditFile(lines, media_type=media_type, headers=headers)


async def json_lines(rows: AsyncIterator[AuditRow]) -> AsyncIterator[str]:
    """One JSON object a line."""
    async for row in rows:
        yield view_of(row).model_dump_json() + "\n"


async def csv_lines(rows: AsyncIterator[AuditRow]) -> AsyncIterator[str]:
    """A table with a head, as RFC 4180 has it."""
    names = list(AuditEntryView.model_fields)
    # Excel takes a file without this mark for one in the local 8-bit code, and spoils every name.
    yield "\ufeff" + _csv_line(names)
    async for row in rows:
        fields = view_of(row).model_dump(mode="json") | {"details": row.details}
        yield _csv_line([fields[name] for name in names])


def _csv_line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([_harmless(cell) for cell in cells])
    return text.getvalue()


def _harmless(cell: object) -> object:
    """A spreadsheet runs a text that starts like a formula; anybody chooses the name of a failed sign-in."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


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
