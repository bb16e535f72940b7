"""Programs that read what strangers sent: bounded in time, memory and reach, ended with their children."""

import asyncio
import inspect
import os
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from salon.platform.errors import Unavailable

_MAX_OUT = 4 * 1024 * 1024
_MAX_LINE = 256 * 1024
_TAIL = 4000
_PIECE = 64 * 1024

OnLine = Callable[[str], Awaitable[None] | None]


class ProgramMissing(Unavailable):
    """The server lacks a program."""

    kind = "program_missing"


class ProgramFailed(Exception):
    """A program ended as it should not. The text is the end of what it said."""

    def __init__(self, program: str, reason: str, said: str = "") -> None:
        self.program = program
        self.reason = reason
        """`exit <code>`, `signal <number>`, `time`, `output`."""
        self.said = said
        super().__init__(f"{program}: {reason}: {said[-500:]}" if said else f"{program}: {reason}")


@dataclass(frozen=True, slots=True)
class Output:
    """What a program said."""

    code: int
    stdout: str
    """Empty where lines were handed over one by one."""
    stderr: str
    """The last 4000 characters."""


async def run_limited(
    argv: Sequence[str],
    *,
    cpu_s: int,
    memory_bytes: int,
    wall_s: float,
    cwd: Path,
    on_line: OnLine | None = None,
    ok_codes: Sequence[int] = (0,),
) -> Output:
    """Run a program under limits, without network where this machine allows to take it away.

    It is killed with everything it started when the time is over, when the caller is cancelled, and when this
    process dies. ffmpeg should be told `-protocol_whitelist file,pipe` besides.

    Args:
        argv: the program and its arguments; no shell reads them.
        cpu_s: processor seconds.
        memory_bytes: address space, which is more than what is used.
        wall_s: seconds altogether.
        cwd: the folder it runs in.
        on_line: takes each line of the standard output as it comes.
        ok_codes: exit codes that are no failure.

    Raises:
        ProgramMissing: it is not installed.
        ProgramFailed: another exit code, too slow, or too much to say.
    """
    if shutil.which(argv[0]) is None:
        raise ProgramMissing(f"The program {Path(argv[0]).name} is not installed on this server.")
    process = await asyncio.create_subprocess_exec(
        *_limits(cpu_s, memory_bytes),
        *argv,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "HOME": str(cwd)},
        start_new_session=True,
        limit=_MAX_LINE,
    )
    name = Path(argv[0]).name
    out, said = process.stdout, process.stderr
    if out is None or said is None:
        raise RuntimeError("the program was started without pipes")
    try:
        async with asyncio.timeout(wall_s):
            stdout, stderr, code = await asyncio.gather(
                _read_lines(out, on_line) if on_line else _read_all(out, name),
                _read_tail(said),
                process.wait(),
            )
    except TimeoutError as fault:
        raise ProgramFailed(name, "time") from fault
    except ValueError as fault:  # a line without an end
        raise ProgramFailed(name, "output") from fault
    finally:
        await _end(process)
    if code not in ok_codes:
        raise ProgramFailed(name, f"exit {code}" if code >= 0 else f"signal {-code}", stderr)
    return Output(code, stdout, stderr)


async def _read_all(stream: asyncio.StreamReader, name: str) -> str:
    out = bytearray()
    while piece := await stream.read(_PIECE):
        out += piece
        if len(out) > _MAX_OUT:
            raise ProgramFailed(name, "output")
    return out.decode(errors="replace")


async def _read_lines(stream: asyncio.StreamReader, on_line: OnLine) -> str:
    while line := await stream.readline():
        taken = on_line(line.decode(errors="replace").rstrip("\r\n"))
        if inspect.isawaitable(taken):
            await taken
    return ""


async def _read_tail(stream: asyncio.StreamReader) -> str:
    tail = b""
    while piece := await stream.read(_PIECE):
        tail = (tail + piece)[-_TAIL:]
    return tail.decode(errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the program's whole group: what it started outlives it otherwise."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        process.kill()
    await asyncio.shield(process.wait())


def _limits(cpu_s: int, memory_bytes: int) -> tuple[str, ...]:
    """What stands before the program: util-linux sets limits where Python must not run, after the fork."""
    return (
        *_guards(),
        "prlimit",
        f"--cpu={cpu_s}:{cpu_s + 2}",
        f"--as={memory_bytes}",
        "--core=0",
        "--nofile=256",
        "--",
    )


@lru_cache
def _guards() -> tuple[str, ...]:
    """Death with the server, and no network; each as far as this machine allows it."""
    guards: tuple[str, ...] = ()
    for one in (("setpriv", "--pdeathsig", "KILL"), ("unshare", "--net"), ("unshare", "--user", "--net")):
        if one[:2] != ("unshare", "--user") or "unshare" not in guards:
            guards += one if _works((*one, "true")) else ()
    return guards


def _works(argv: tuple[str, ...]) -> bool:
    try:
        done = subprocess.run(argv, check=False, capture_output=True, timeout=10)  # noqa: S603 - fixed words
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
