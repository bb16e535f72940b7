"""`/docs`: the API as a page of our own, drawn from `/openapi.json`; nothing comes from elsewhere."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

_FOLDER = Path(__file__).parent / "docs_page"


def build_router() -> APIRouter:
    """The page and its two files."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def page() -> FileResponse:
        return FileResponse(_FOLDER / "docs.html", media_type="text/html")

    @router.get("/docs/docs.js")
    async def script() -> FileResponse:
        return FileResponse(_FOLDER / "docs.js", media_type="text/javascript")

    @router.get("/docs/docs.css")
    async def style() -> FileResponse:
        return FileResponse(_FOLDER / "docs.css", media_type="text/css")

    return router
