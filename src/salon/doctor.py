"""Examines what would stop a call, in plain words."""

import hashlib
import os
import shutil
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from salon.media.addresses import advertised_addresses
from salon.native import EngineUnusable, require_engine
from salon.platform.priority import may_be_in_real_time
from salon.server import PortTaken, listen
from salon.settings import Settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_DISK_FLOOR = 200 * 1024 * 1024
_DISK_LOW = 1024 * 1024 * 1024
_CLOCK_TOLERANCE_S = 120
_STUN_MAGIC = 0x2112A442


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    grade: Literal["good", "warning", "blocker"]
    finding: str
    remedy: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything; one finding each, as soon as it is known."""
    yield check_engine()
    yield check_web_client()
    yield check_data_folder(settings)
    yield check_disk(settings)
    yield check_clock(settings)
    is_running = _is_salon(settings)
    yield check_web_port(settings, is_running=is_running)
    yield (
        _check_running_media(settings)
        if is_running
        else check_media_port(settings) or Finding("good", f"UDP port {settings.udp_port} is free for media.")
    )
    yield check_priority(settings)
    yield check_addresses(settings)
    yield check_secure_context(settings)


def check_engine() -> Finding:
    """Is the media engine there, and as new as its sources?"""
    try:
        require_engine()
    except EngineUnusable as fault:
        return Finding("blocker", "The media engine cannot be used.", str(fault))
    return Finding("good", "The media engine is built and up to date.")


def check_web_client() -> Finding:
    """Is the web client built?"""
    if (Path(__file__).parent / "web_dist" / "index.html").is_file():
        return Finding("good", "The web client is built.")
    return Finding(
        "blocker", "The web client is not built: browsers would see an empty house.", "Run `make web`."
    )


def check_data_folder(settings: Settings) -> Finding:
    """Can data be written?"""
    folder = settings.data_dir.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".doctor.{os.getpid()}"
        probe.write_bytes(hashlib.sha256(b"salon").digest())
        probe.unlink()
    except OSError as fault:
        return Finding(
            "blocker",
            f"The data folder {folder} cannot be written ({fault.strerror}).",
            "Make it writable, or choose another one with SALON_DATA_DIR.",
        )
    return Finding("good", f"The data folder {folder} can be written.")


def check_disk(settings: Settings) -> Finding:
    """Is there room for data?"""
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GiB are free on the disk of {folder}."
    if free < _DISK_FLOOR:
        return Finding("blocker", f"The disk is full: {text}", "Delete something, or move SALON_DATA_DIR.")
    if free < _DISK_LOW:
        return Finding("warning", f"The disk is nearly full: {text}", "Make room soon.")
    return Finding("good", text)


def check_clock(settings: Settings) -> Finding:
    """Is the clock plausible? Tokens, invitations and TURN credentials depend on it."""
    now = datetime.now(UTC)
    # Without asking anybody else: the clock cannot be earlier than what was written on this machine.
    written = [
        path.stat().st_mtime
        for path in (Path(__file__), settings.data_dir / "salon.db", settings.data_dir / "salon.db-wal")
        if path.exists()
    ]
    newest = max(written)
    if newest - time.time() > _CLOCK_TOLERANCE_S:
        return Finding(
            "blocker",
            f"The clock is wrong: it says {now:%Y-%m-%d %H:%M} UTC, but files here are newer.",
            "Set the clock (for example `timedatectl set-ntp true`): sign-in and meeting times depend on it.",
        )
    return Finding("good", f"The clock says {now:%Y-%m-%d %H:%M} UTC. Compare it with yours.")


def check_web_port(settings: Settings, *, is_running: bool) -> Finding:
    """Can the web server listen?"""
    place = f"{settings.host}:{settings.port}"
    if is_running:
        return Finding("good", f"Salon is running at {place} already.")
    try:
        listen(settings.host, settings.port).close()
    except PortTaken as fault:
        return Finding("blocker", f"TCP port {settings.port} is taken.", str(fault))
    return Finding("good", f"TCP port {settings.port} is free for the web server.")


def check_media_port(settings: Settings) -> Finding | None:
    """What stops media from having its UDP port; None if nothing does."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.bind(("0.0.0.0", settings.udp_port))  # noqa: S104  (as the engine does)
    except OSError as fault:
        return Finding(
            "blocker",
            f"UDP port {settings.udp_port} cannot be used for media ({fault.strerror}).",
            "Stop what uses it (perhaps another Salon), or choose another one with SALON_UDP_PORT.",
        )
    finally:
        probe.close()
    return None


def _check_running_media(settings: Settings) -> Finding:
    """A running engine answers a STUN request on its port: UDP gets through, on this machine at least."""
    addresses = advertised_addresses(settings.public_ip, host=settings.host)
    silent = [address for address in addresses if not _stun_answers(address, settings.udp_port)]
    if not silent:
        return Finding("good", f"Media answers on UDP port {settings.udp_port} at {', '.join(addresses)}.")
    return Finding(
        "blocker" if len(silent) == len(addresses) else "warning",
        f"UDP is blocked: media does not answer at {', '.join(silent)}, port {settings.udp_port}.",
        f"Open UDP port {settings.udp_port} in the firewall, and behind NAT forward it here "
        "(SALON_PUBLIC_IP is the address browsers see; a router may refuse it from inside).",
    )


def _stun_answers(address: str, port: int) -> bool:
    transaction = os.urandom(12)
    request = struct.pack("!HHI", 0x0001, 0, _STUN_MAGIC) + transaction
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.5)
        try:
            for _ in range(3):
                probe.sendto(request, (address, port))
                try:
                    answer = probe.recv(1500)
                except TimeoutError:
                    continue
                if answer[8:20] == transaction:
                    return True
        except OSError:
            return False
    return False


def check_priority(settings: Settings) -> Finding:
    """Does media go before everything else that computes here?"""
    if not settings.sfu_real_time:
        return Finding(
            "good", "Media has ordinary priority on this machine, as SALON_SFU_REAL_TIME=false wants."
        )
    if may_be_in_real_time():
        return Finding("good", "Media goes before everything else on this machine.")
    return Finding(
        "good",
        "Media has ordinary priority on this machine.",
        "Where it also makes captions, allow real time: LimitRTPRIO=1 in the service file.",
    )


def check_addresses(settings: Settings) -> Finding:
    """Will browsers be told an address they can send to?"""
    addresses = advertised_addresses(settings.public_ip, host=settings.host)
    shown = ", ".join(addresses)
    if all(address.startswith("127.") for address in addresses):
        return Finding(
            "warning" if settings.host in _LOOPBACK else "blocker",
            f"Media is offered at {shown} only: browsers on other machines cannot send to it.",
            "Connect this machine to a network, or set SALON_PUBLIC_IP.",
        )
    return Finding("good", f"Browsers are told to send media to {shown}.")


def check_secure_context(settings: Settings) -> Finding:
    """Will browsers give cameras to the page?"""
    if settings.host in _LOOPBACK:
        return Finding("good", "On this machine cameras work at http://localhost.")
    return Finding(
        "warning",
        "Browsers give cameras and microphones to https:// pages and localhost only: "
        f"at http://{settings.host}:{settings.port} other machines would have none.",
        "Put a TLS proxy in front and open the https:// address.",
    )


def _is_salon(settings: Settings) -> bool:
    """Whether a Salon answers at the configured place."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    try:
        with socket.create_connection((host, settings.port), timeout=1) as connection:
            connection.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            connection.settimeout(2)
            answer = b""
            while len(answer) < 65_536 and (part := connection.recv(4096)):
                answer += part
    except OSError:
        return False
    return b'"service":"salon"' in answer
