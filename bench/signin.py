"""Two hundred sign-ins at once: p95 of GET /users/profile meanwhile beside its idle value, as a ratio.

Idle and busy times take turns, so that whatever else the machine does meets both. A profile is asked for at a
fixed pace, whether or not the one before was answered: what waits is counted as long as it waits.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

import httpx
from figures import DATABASES, addresses, percentile
from support.process import SalonProcess

BAR = 5.0
PASSWORD = "Test@Pass123"  # noqa: S105 - of accounts that live for a minute
PACE_S = 0.02
IDLE_S = 4.0


class Watcher:
    """Asks for its own profile, again and again."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def ask(self) -> float:
        """Milliseconds until the answer."""
        started = time.perf_counter()
        answer = await self._client.get("/api/v1/users/profile", headers=self._headers)
        answer.raise_for_status()
        return (time.perf_counter() - started) * 1000

    async def watch(self, until: asyncio.Event) -> list[float]:
        """Ask at a fixed pace until told to end."""
        asked: list[asyncio.Task[float]] = []
        while not until.is_set():
            asked.append(asyncio.create_task(self.ask()))
            await asyncio.sleep(PACE_S)
        return list(await asyncio.gather(*asked))


async def register(client: httpx.AsyncClient, name: str) -> str:
    """An account; its token."""
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    (await client.post("/api/v1/auth/register", json=body)).raise_for_status()
    return await sign_in(client, name)


async def sign_in(client: httpx.AsyncClient, name: str) -> str:
    """A token."""
    answer = await client.post("/api/v1/auth/login", json={"username": name, "password": PASSWORD})
    return str(answer.raise_for_status().json()["data"]["token"])


async def storm(url: str, sign_ins: int) -> float:
    """All sign-ins at once, each on a connection of its own; seconds until the last one is in."""
    limits = httpx.Limits(max_connections=sign_ins, max_keepalive_connections=sign_ins)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=300) as client:
        started = time.perf_counter()
        await asyncio.gather(*(sign_in(client, "many") for _ in range(sign_ins)))
        return time.perf_counter() - started


def storm_process(url: str, sign_ins: int) -> list[str]:
    """The command that makes the storm: in a process of its own, or the watcher would wait for itself."""
    return [sys.executable, __file__, "--storm", url, "--sign-ins", str(sign_ins)]


async def measure(url: str, rounds: int, sign_ins: int) -> float:
    """Idle, busy, idle, busy …; the ratio of the p95 values."""
    idle_ms: list[float] = []
    busy_ms: list[float] = []
    async with httpx.AsyncClient(base_url=url, timeout=300) as client:
        watcher = Watcher(client, await register(client, "watcher"))
        await register(client, "many")
        for number in range(rounds):
            until = asyncio.Event()
            asyncio.get_running_loop().call_later(IDLE_S, until.set)
            idle = await watcher.watch(until)
            until = asyncio.Event()
            process = await asyncio.create_subprocess_exec(
                *storm_process(url, sign_ins), stdout=asyncio.subprocess.PIPE
            )
            assert process.stdout is not None
            await process.stdout.readline()  # it has loaded, and begins
            watching = asyncio.create_task(watcher.watch(until))
            took = (await process.stdout.readline()).decode().strip()
            until.set()
            busy = await watching
            assert await process.wait() == 0, "a sign-in was refused"
            print(
                f"  round {number + 1}: idle p50 {percentile(idle, 0.5):.1f}"
                f" p95 {percentile(idle, 0.95):.1f} ms;"
                f" during {sign_ins} sign-ins ({took} s) p50 {percentile(busy, 0.5):.1f}"
                f" p95 {percentile(busy, 0.95):.1f} max {max(busy):.1f} ms",
                flush=True,
            )
            idle_ms += idle
            busy_ms += busy
    ratio = percentile(busy_ms, 0.95) / percentile(idle_ms, 0.95)
    print(
        f"  all: idle p95 {percentile(idle_ms, 0.95):.1f} ms ({len(idle_ms)} answers), "
        f"meanwhile {percentile(busy_ms, 0.95):.1f} ms ({len(busy_ms)}): {ratio:.2f}x"
    )
    return ratio


def run(database: str, rounds: int, sign_ins: int) -> float:
    """One database; the ratio."""
    with tempfile.TemporaryDirectory() as folder, addresses(database, 1) as urls:
        server = SalonProcess(Path(folder), database_url=urls[0]).start()
        print(f"\n{database}")
        try:
            return asyncio.run(measure(server.url, rounds, sign_ins))
        finally:
            server.stop()


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sign-ins", type=int, default=200)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--storm", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.storm:
        print("ready", flush=True)
        print(f"{asyncio.run(storm(given.storm, given.sign_ins)):.1f}", flush=True)
        return 0
    ratios = {
        database: run(database, given.rounds, given.sign_ins) for database in given.database or DATABASES
    }
    above = [name for name, ratio in ratios.items() if ratio >= BAR]
    print(f"\nAbove {BAR}x: {', '.join(above)}" if above else f"\nWithin {BAR}x.")
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
