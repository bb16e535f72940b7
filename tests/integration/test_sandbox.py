"""Programs under limits: each limit is really felt, and nothing outlives its end."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
import pytest
from support.wait import eventually

from salon.platform.sandbox import Output, ProgramFailed, ProgramMissing, run_limited

GB = 1024**3


async def python(folder: Path, code: str, **limits: object) -> Output:
    values = {"cpu_s": 20, "memory_bytes": 2 * GB, "wall_s": 60.0, "cwd": folder} | limits
    return await run_limited([sys.executable, "-c", code], **values)  # type: ignore[arg-type]


async def test_what_it_says_comes_back(tmp_path: Path) -> None:
    out = await python(tmp_path, "import sys; print('out'); print('err', file=sys.stderr)")
    assert (out.code, out.stdout, out.stderr) == (0, "out\n", "err\n")
    lines: list[str] = []
    await python(tmp_path, "print('one'); print('two')", on_line=lines.append)
    assert lines == ["one", "two"]


async def test_another_exit_code_is_a_failure_unless_it_is_known(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="exit 3: sad"):
        await python(tmp_path, "import sys; sys.stderr.write('sad'); sys.exit(3)")
    assert (await python(tmp_path, "import sys; sys.exit(3)", ok_codes=(0, 3))).code == 3


async def test_memory_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="MemoryError"):
        await python(tmp_path, "x = bytearray(3 * 1024**3)", memory_bytes=1 * GB)


async def test_processor_time_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="signal"):
        await python(tmp_path, "while True: pass", cpu_s=1)


async def test_time_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="time"):
        await python(tmp_path, "import time; time.sleep(3600)", wall_s=0.5)


@pytest.mark.parametrize("on_line", [None, lambda _line: None])
async def test_what_it_says_is_bounded(tmp_path: Path, on_line: object) -> None:
    with pytest.raises(ProgramFailed, match="output"):
        await python(tmp_path, "import sys\nwhile True: sys.stdout.write('x' * 65536)", on_line=on_line)


async def test_there_is_no_network(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
    with pytest.raises(ProgramFailed):
        await python(tmp_path, code)
    server.close()


async def test_cancelling_ends_it_and_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(3600)"
    )
    lines: list[str] = []
    task = asyncio.create_task(python(tmp_path, code, on_line=lines.append, wall_s=3600))

    async def said() -> list[str]:
        return lines

    await eventually(said, bool, within_s=30)
    child = psutil.Process(int(lines[0]))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def is_gone() -> bool:
        return not child.is_running() or child.status() == psutil.STATUS_ZOMBIE

    await eventually(is_gone, bool, within_s=30)


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="nonesuch is not installed"):
        await run_limited(["nonesuch"], cpu_s=1, memory_bytes=GB, wall_s=1, cwd=tmp_path)
