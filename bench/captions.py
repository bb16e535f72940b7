"""Eight people who talk all the time: does the lag of captions grow, what is left out, what does a call pay?

The forwarding latency is that of an engine beside the server: before captions are switched on, while they
are made, and when they are off again; in real time, as the server's own media threads are where the system
allows it, and at ordinary priority. It is measured several times, because eight senders in Python share the
cores; the medians are compared. Speech: prompts of Debian's asterisk-core-sounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from crates import cargo
from figures import percentile
from support.captions import LINE, STATE, switched_off, switched_on
from support.media import MediaClient
from support.people import Person, SocketClosed
from support.process import SalonProcess
from support.speech import Speech, programme, prompts
from support.stage import Stage
from workshop import environment

SPEAKERS = 8
PART_S = 30.0
PAUSE_S = 0.7
GROWTH_BAR = 1.5
"""The lag of the last part may be so many times that of the second: the first loads the model."""
LATENCY_BAR = 2.0
PRIORITIES = {"in real time": [], "at ordinary priority": ["--in-real-time"]}
"""And what makes the bench of the engine so: its flag says that scheduling has been seen to, and stays."""
TIMES = 3
"""How often each latency is measured before captions, meanwhile, and after them."""
LOADING_S = 20.0
"""By then the models are loaded."""


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    lags: dict[int, list[float]]
    """Of final lines, in seconds, by part."""
    told: set[str]
    """Conditions that people were told."""
    dropped_s: float
    """Speech without a line."""
    without: dict[str, list[float]]
    """p99 of forwarding while no captions were made, in microseconds, by priority."""
    meanwhile: dict[str, list[float]]


async def speaker(stage: Stage, number: int) -> MediaClient:
    """Somebody in the room who talks from now on and does not listen."""
    client = await stage.come(f"speaker{number}", "captions")
    microphone = Speech()
    client.pc.addTrack(microphone)
    await client.offer()
    await client.expect_connected(within_s=30)
    chosen = sorted(prompts().values(), key=lambda one: one.name)
    microphone.play(programme(chosen[number::SPEAKERS], pause_s=PAUSE_S), loops=True)
    return client


async def latency_us(seconds: int, priority: str) -> float:
    """p99 of forwarding to ten subscribers, in microseconds."""
    program = Path(environment()["CARGO_TARGET_DIR"]) / "release" / "salon-sfu-bench"
    words = [*PRIORITIES[priority], "--subscribers", "10", "--seconds", str(seconds)]
    process = await asyncio.create_subprocess_exec(
        str(program),
        *words,
        stdout=asyncio.subprocess.PIPE,
        env=environment(),
    )
    out, _ = await process.communicate()
    found: dict[str, Any] = json.loads(out.decode().strip().splitlines()[-1])
    return float(found["latency_us_p99"])


async def latencies_us(seconds: int) -> dict[str, list[float]]:
    """p99 of forwarding `TIMES` times, by priority, taken in turns."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(TIMES):
        for priority in PRIORITIES:
            found[priority].append(await latency_us(seconds, priority))
    return found


async def listen(client: MediaClient, seconds: float) -> tuple[dict[int, list[float]], set[str]]:
    """Lags of final lines in seconds, by the part they came in, and the conditions that were told."""
    lags: defaultdict[int, list[float]] = defaultdict(list)
    told: set[str] = set()
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds:
        try:
            frame = await client.tab.next(lambda it: it["type"] in (LINE, STATE), within_s=seconds - passed)
        except (AssertionError, TimeoutError, SocketClosed):
            break
        payload = frame["payload"]
        if frame["type"] == STATE:
            told.add(payload["condition"])
        elif payload["is_final"] and payload["text"]:
            lag = time.time() - payload["end_ms"] / 1000
            lags[int((time.monotonic() - began) // PART_S)].append(lag)
    return lags, told


async def metric(url: str, name: str) -> float:
    """A figure of the server, summed over its labels."""
    async with httpx.AsyncClient() as client:
        lines = (await client.get(f"{url}/metrics")).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name) and " " in line)


async def measure(seconds: int, latency_s: int) -> bool:
    """Print the figures; whether all bars held."""
    with tempfile.TemporaryDirectory() as folder:
        server = SalonProcess(Path(folder)).start()
        people: list[Person] = []

        async def register(name: str) -> Person:
            people.append(await Person.register(server.url, name))
            return people[-1]

        stage = Stage(register, settings={"enable_ai": True})
        try:
            speakers = [await speaker(stage, number) for number in range(SPEAKERS)]
            before = await latencies_us(latency_s)
            await switched_on(speakers[0], stage.meeting_id)
            listening = asyncio.create_task(listen(speakers[0], seconds))
            await asyncio.sleep(LOADING_S)
            meanwhile = await latencies_us(latency_s)
            lags, told = await listening
            dropped = await metric(server.url, "salon_captions_dropped_seconds_total")
            await switched_off(speakers[0], stage.meeting_id)
            after = await latencies_us(latency_s)
        finally:
            await stage.close()
            for person in people:
                await person.close()
            server.stop()
    without = {priority: before[priority] + after[priority] for priority in PRIORITIES}
    return report(Figures(lags, told, dropped, without, meanwhile), seconds)


def report(found: Figures, seconds: int) -> bool:
    """Print; whether the bars held."""
    parts = [found.lags[part] for part in sorted(found.lags) if found.lags[part]]
    for part, values in enumerate(parts):
        p50, p95 = statistics.median(values), percentile(values, 0.95)
        print(f"  {part * PART_S:4.0f} s  {len(values):3} lines   lag p50 {p50:.2f} s   p95 {p95:.2f} s")
    growth = statistics.median(parts[-1]) / statistics.median(parts[1]) if len(parts) > 2 else 0.0
    told = ", ".join(sorted(found.told))
    print(f"lag of the last part to the second: {growth:.2f} (bar {GROWTH_BAR})")
    print(f"speech left out: {found.dropped_s:.0f} s of {SPEAKERS * seconds} s of talk; told: {told}")
    ratios = {}
    for priority in PRIORITIES:
        without, meanwhile = found.without[priority], found.meanwhile[priority]
        ratios[priority] = statistics.median(meanwhile) / statistics.median(without)
        print(
            f"forwarding p99 {priority}: {ratios[priority]:.2f} of that without captions (bar {LATENCY_BAR})"
        )
        print(f"  without {rounded(without)} us; with {rounded(meanwhile)} us")
    held = ratios["in real time" if media_may_go_first() else "at ordinary priority"]
    return 0 < growth <= GROWTH_BAR and held <= LATENCY_BAR


def rounded(values: list[float]) -> str:
    """In the order in which they were measured."""
    return " ".join(f"{value:.0f}" for value in values)


def media_may_go_first() -> bool:
    """Whether the server's media threads are in real time here."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        return False
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return True


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=180, help="how long captions are made")
    parser.add_argument("--latency-seconds", type=int, default=15, help="how long each latency is measured")
    given = parser.parse_args()
    cargo("build", "--quiet", "--release", "--locked", "--package", "salon-sfu-bench")
    os.environ.setdefault("SALON_LOG_LEVEL", "warning")
    held = asyncio.run(measure(given.seconds, given.latency_seconds))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
