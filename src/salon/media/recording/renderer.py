"""The renderer as a process of its own: what strangers sent is decoded there, and nowhere else."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from salon.media.recording.rules import Command
from salon.media.recording.tools import Progress, RenderingFailed
from salon.platform.sandbox import ProgramFailed, run_limited

_WALL_S = 6 * 3600.0
_CPU_S = 24 * 3600
"""All threads together: four hours of picture on a slow machine with four cores."""

_MEMORY_BYTES = 8 * 2**30
"""Of address space; libraries map much more than they use."""


class CommandRenderer:
    """Runs ``python -m salon.media.rendering`` under limits, behind everything that is live."""

    async def run(
        self,
        command: Command,
        folder: Path,
        out: Path,
        *,
        options: Sequence[str] = (),
        on_progress: Progress | None = None,
    ) -> dict[str, JsonValue]:
        """See `Renderer.run`. Both paths are absolute.

        Raises:
            RenderingFailed: it says why it cannot.
            OSError: the disk does not take it now.
        """
        said: dict[str, JsonValue] = {}

        async def take(line: str) -> None:
            heard = _read(line)
            percent = heard.get("progress")
            if isinstance(percent, int | float) and on_progress is not None:
                await on_progress(float(percent))
            said.update(heard)

        program = ("nice", "-n", "10", sys.executable, "-m", "salon.media.rendering")
        paths = (str(folder), str(out))
        try:
            await run_limited(
                [*program, command, *paths, *options],
                cpu_s=_CPU_S,
                memory_bytes=_MEMORY_BYTES,
                wall_s=_WALL_S,
                cwd=out.parent if out != folder else folder,
                on_line=take,
                ok_codes=(0, 1, 3),
            )
        except ProgramFailed as error:
            raise RenderingFailed(f"The renderer ended before it was done ({error.reason}).") from error
        result, number = said.get("result"), said.get("errno")
        if isinstance(result, dict):
            return result
        if isinstance(number, int):
            raise OSError(number, str(said.get("error", "")))
        raise RenderingFailed(str(said.get("error") or "The renderer ended without a result."))


def _read(line: str) -> dict[str, JsonValue]:
    try:
        heard = json.loads(line)
    except ValueError:
        return {}
    return heard if isinstance(heard, dict) else {}
