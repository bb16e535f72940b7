"""The renderer's command line: ``python -m salon.media.rendering COMMAND FOLDER OUT``.

Prints one JSON object a line: ``{"progress": 12.5}`` while it works, at the end ``{"result": {...}}``, or
``{"error": "..."}`` with exit code 1. ``verify`` exits with 3 if it found damage; its OUT may be left away.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from salon.media.rendering.log import NotARecording, read_log
from salon.media.rendering.model import RecordingLog
from salon.media.rendering.output import Report

DAMAGED = 3
_TELL_EVERY_S = 0.5


class RenderingError(Exception):
    """What was asked for is not there."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _end)
    try:
        result = _run(arguments, _reporter(is_silent=arguments.text))
    except (NotARecording, RenderingError) as error:
        _tell({"error": str(error)})
        return 1
    except OSError as error:
        _tell({"error": f"{type(error).__name__}: {error.strerror or error}", "errno": error.errno})
        return 1
    if arguments.text:
        from salon.media.rendering.checking import as_text  # noqa: PLC0415 - see _run

        print(as_text(result))
    else:
        _tell({"result": result})
    return DAMAGED if arguments.command == "verify" and not result["ok"] else 0


def _run(arguments: argparse.Namespace, report: Report) -> dict[str, Any]:
    # Each command loads what it needs: sealing sixty short recordings must not load an encoder sixty times.
    folder, out = arguments.folder, arguments.out
    if arguments.command == "seal":
        from salon.media.rendering.sealing import seal  # noqa: PLC0415

        return seal(folder)
    if arguments.command == "verify":
        from salon.media.rendering.checking import verify  # noqa: PLC0415

        result = verify(folder, report)
        if out is not None and out != folder:
            out.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
        return result
    if out is None:
        raise RenderingError(f"{arguments.command} needs a file to write to.")
    return _make(arguments, read_log(folder), out, report)


def _make(arguments: argparse.Namespace, log: RecordingLog, out: Path, report: Report) -> dict[str, Any]:
    match arguments.command:
        case "tracks" | "track":
            from salon.media.rendering.tracks import write_all, write_track  # noqa: PLC0415

            if arguments.command == "tracks":
                return write_all(log, out, report)
            track = log.find_track(arguments.track)
            if track is None or not track.readable:
                raise RenderingError(f"There is nothing of a track {arguments.track!r} in this recording.")
            return write_track(log, track, out, report)
        case "mix":
            from salon.media.rendering.mixing import write_mix  # noqa: PLC0415

            return write_mix(log, out, report)
        case "thumbnail":
            from salon.media.rendering.thumbnail import write_thumbnail  # noqa: PLC0415

            return write_thumbnail(log, out, report)
        case _:
            from salon.media.rendering.composite import write_composite  # noqa: PLC0415

            return write_composite(log, out, report, quality=arguments.quality, file_format=arguments.format)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m salon.media.rendering", description="Makes files of a recording."
    )
    parser.add_argument(
        "command", choices=["tracks", "track", "mix", "composite", "thumbnail", "seal", "verify"]
    )
    parser.add_argument("folder", type=Path, help="the recording")
    parser.add_argument("out", type=Path, nargs="?", help="the file to write")
    parser.add_argument("--quality", default="720p", choices=["480p", "720p", "1080p", "4k"])
    parser.add_argument("--format", default="mp4", choices=["mp4", "webm", "mkv"])
    parser.add_argument("--track", default="", help="which one, for the command track")
    parser.add_argument("--text", action="store_true", help="verify: for people instead of programs")
    return parser


def _reporter(*, is_silent: bool) -> Report:
    """Tells of progress now and then, never backwards."""
    told_at, told = time.monotonic(), 0.0

    def report(percent: float) -> None:
        nonlocal told_at, told
        now = time.monotonic()
        if not is_silent and percent > told and now - told_at >= _TELL_EVERY_S:
            told_at, told = now, percent
            _tell({"progress": round(min(percent, 100), 1)})

    return report


def _tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    """Ends in order, so that half a file is taken away."""
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    raise SystemExit(main())
