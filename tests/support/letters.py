"""Letters as tests read them: those that a Salon without a mail server lays into its data folder."""

from __future__ import annotations

import email
import re
from email.policy import default
from pathlib import Path

import httpx

from support.people import Person
from support.server import Salon
from support.wait import eventually

CODE = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b")


def letters_to(salon: Salon, address: str) -> list[str]:
    """The texts of the letters laid into the data folder, oldest first."""
    folder: Path = salon.settings.data_dir / "mail"
    found = []
    for file in sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
        message = email.message_from_bytes(file.read_bytes(), policy=default)
        if message["To"] == address:
            part = message.get_body(("plain",))
            assert part is not None
            found.append(part.get_content())
    return found


async def code_for(salon: Salon, http: httpx.AsyncClient, person: Person) -> str:
    """Ask for a code and read it from the letter."""
    address = f"{person.name}@example.org"
    before = len(letters_to(salon, address))
    answer = await http.post("/api/v1/auth/forgot-password", json={"email": address})
    assert answer.status_code == 200
    assert "data" not in answer.json()

    async def look() -> list[str]:
        return letters_to(salon, address)

    letters = await eventually(look, lambda found: len(found) > before)
    match = CODE.search(letters[-1])
    assert match is not None
    return match.group()
