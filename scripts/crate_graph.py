"""Holds the Rust workspace to its layers: py → net → session, recorder and listener → core."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from workshop import ROOT, environment

# Crates of ours that a crate may build on. Those made for testing may see everything below Python.
ALLOWED = {
    "salon-sfu-core": set[str](),
    "salon-sfu-session": {"salon-sfu-core"},
    "salon-sfu-recorder": {"salon-sfu-core"},
    "salon-sfu-listener": {"salon-sfu-core"},
    "salon-sfu-net": {"salon-sfu-core", "salon-sfu-listener", "salon-sfu-recorder", "salon-sfu-session"},
    "salon-sfu-py": {"salon-sfu-core", "salon-sfu-net"},
    "salon-sfu-testkit": {"salon-sfu-core", "salon-sfu-session"},
    "salon-sfu-bench": {"salon-sfu-core", "salon-sfu-net", "salon-sfu-testkit"},
}
FOR_TESTS = {"salon-sfu-testkit", "salon-sfu-bench"}

# Who alone may depend on what. A prefix, so that a family of crates needs one line.
RESERVED = {
    # The peer of the tests shares no code with the engine.
    "str0m": {"salon-sfu-testkit", "salon-sfu-bench"},
    "dimpl": {"salon-sfu-session"},
    "ruopus": {"salon-sfu-listener"},
    "pyo3": {"salon-sfu-py"},
    "libc": {"salon-sfu-net"},
    "nix": {"salon-sfu-net"},
    "rustix": {"salon-sfu-net"},
    "socket2": {"salon-sfu-net"},
    "mio": {"salon-sfu-net"},
    "tokio": set[str](),
}
WORDS = {
    r"\bunsafe\b": ({"salon-sfu-net"}, "unsafe code belongs to net"),
    r"\b(UdpSocket|TcpListener|TcpStream)\b": ({"salon-sfu-net"}, "sockets belong to net"),
    r"\bInstant::now\b|\bSystemTime::now\b": (
        {"salon-sfu-net", "salon-sfu-session", "salon-sfu-py", "salon-sfu-recorder", "salon-sfu-listener"},
        "core is told the time",
    ),
}
COMMENT = re.compile(r"//.*")
ALLOWANCE = re.compile(r"#!?\[(forbid|deny|allow|warn)\([^)]*\)\]")


def crate_faults() -> list[str]:
    """What breaks the layers; empty when all is well."""
    text = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--locked", "--format-version", "1"],
        cwd=ROOT,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    faults = []
    for package in json.loads(text)["packages"]:
        name = package["name"]
        if name not in ALLOWED:
            faults.append(f"{name}: not in ALLOWED of scripts/crate_graph.py; say there what it may build on")
            continue
        faults += _dependency_faults(name, package["dependencies"])
        if name not in FOR_TESTS:
            faults += _source_faults(name, Path(package["manifest_path"]).parent / "src")
    return faults


def _dependency_faults(name: str, dependencies: Iterable[dict[str, str | None]]) -> Iterable[str]:
    for dependency in dependencies:
        wanted = str(dependency["name"])
        if dependency["kind"] == "dev" or (name in FOR_TESTS and not wanted.startswith("salon-")):
            continue
        if wanted.startswith("salon-") and wanted not in ALLOWED[name]:
            yield f"{name} must not depend on {wanted}"
        for family, owners in RESERVED.items():
            if wanted.startswith(family) and name not in owners:
                owner = ", ".join(sorted(owners)) or "nobody"
                yield f"{name} must not depend on {wanted}: it belongs to {owner}"


def _source_faults(name: str, folder: Path) -> Iterable[str]:
    for file in sorted(folder.rglob("*.rs")):
        # Unit tests end the file they test; they may do what they like.
        product = file.read_text().split("#[cfg(test)]\nmod ")[0].splitlines()
        for number, line in enumerate(product, start=1):
            code = ALLOWANCE.sub("", COMMENT.sub("", line))
            for pattern, (owners, reason) in WORDS.items():
                if name not in owners and re.search(pattern, code):
                    yield f"{file.relative_to(ROOT)}:{number}: {reason}"
