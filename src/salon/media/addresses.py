"""Which addresses of this machine browsers may send media to."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, ip_address

import psutil

LOOPBACK = "127.0.0.1"
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def advertised_addresses(configured: Sequence[str], *, host: str) -> list[str]:
    """What the engine names as host candidates: as configured, else found by itself; never empty.

    Args:
        configured: the setting; wins if not empty.
        host: where the web server listens. On loopback, only this machine's browsers come, yet those of a
            LAN may be let in by a proxy, so its other addresses are named as well.
    """
    if configured:
        return list(configured)
    found = [LOOPBACK] if host in _LOOPBACK_HOSTS else []
    return found + _lan_addresses() or [LOOPBACK]


def _lan_addresses() -> list[str]:
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    addresses: list[str] = []
    for name, entries in psutil.net_if_addrs().items():
        for entry in entries:
            if name not in up or entry.family != socket.AF_INET:
                continue
            address = ip_address(entry.address)
            # Link-local addresses reach nobody beyond the cable.
            if isinstance(address, IPv4Address) and not (address.is_loopback or address.is_link_local):
                addresses.append(entry.address)
    return list(dict.fromkeys(addresses))
