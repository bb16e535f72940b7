"""The moments of a recording people look for."""

from collections.abc import Mapping, Sequence

from salon.media.rendering.lines import Line
from salon.media.rendering.model import Chapter, Person, Run, Span, Switches

RESTARTED = "The server was restarted"
_RECORDING = {"started": "started", "resumed": "started", "stopped": "stopped", "paused": "stopped"}


def find_chapters(
    events: Sequence[Line],
    runs: Sequence[Run],
    people: Mapping[str, Person],
    switches: Sequence[Switches],
    span: Span,
) -> tuple[Chapter, ...]:
    """Joins, leaves, shares, warnings and restarts in the order of time."""
    chapters: list[Chapter] = []
    for line in events:
        if line.kind in {"joined", "left"}:
            person = people.get(line.text("stream"))
            name = line.text("nickname") or line.text("username") or (person.name if person else "")
            chapters.append(Chapter(line.t, line.kind, name))
        elif line.kind == "recording":
            action = line.text("action")
            if action == "warning":
                chapters.append(Chapter(line.t, "warning", line.text("text")))
            elif action in _RECORDING:
                chapters.append(Chapter(line.t, _RECORDING[action], line.text("text")))
    chapters += _shares(switches, people, span)
    chapters += [Chapter(run.start_us, "warning", RESTARTED) for run in runs[1:]]
    inside = [
        chapter
        for chapter in chapters
        if span.start_us - 5_000_000 <= chapter.at_us <= span.end_us + 5_000_000
    ]
    return tuple(sorted(inside, key=lambda chapter: chapter.at_us))


def _shares(switches: Sequence[Switches], people: Mapping[str, Person], span: Span) -> list[Chapter]:
    """One share may be many states, if the microphone was switched meanwhile."""
    shares: dict[str, list[Span]] = {}
    for state in switches:
        if state.screen:
            spans = shares.setdefault(state.stream, [])
            if spans and spans[-1].end_us == state.start_us:
                spans[-1] = Span(spans[-1].start_us, state.end_us)
            else:
                spans.append(Span(state.start_us, state.end_us))
    chapters: list[Chapter] = []
    for stream, spans in shares.items():
        name = people[stream].name if stream in people else stream
        chapters += [Chapter(each.start_us, "share_started", name) for each in spans]
        chapters += [
            Chapter(each.end_us, "share_stopped", name) for each in spans if each.end_us < span.end_us
        ]
    return chapters
