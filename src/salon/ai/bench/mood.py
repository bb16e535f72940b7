"""How often the mood of a text is what a person meant.

It is asked on eighty short sentences of our own, labelled by ourselves. Half are English, half Chinese;
some of them, on purpose, have no word in them that tells the mood.
"""

from importlib import resources

from salon.ai.bench.report import MoodFigures
from salon.ai.mood import mood_of

SOURCE = "80 sentences of our own, 40 in each language, labelled by ourselves (moods.tsv)"


def labelled() -> list[tuple[str, str, str]]:
    """Mood, language and text of each sentence."""
    lines = (resources.files("salon.ai.bench") / "moods.tsv").read_text("utf-8").splitlines()
    found: list[tuple[str, str, str]] = []
    for line in lines:
        mood, language, text = line.split("\t")
        found.append((mood, language, text))
    return found


def measure_mood() -> list[MoodFigures]:
    """The figures of each language."""
    found: list[MoodFigures] = []
    for language in ("en", "zh"):
        own = [(mood, text) for mood, of, text in labelled() if of == language]
        right = sum(mood_of(text).label == mood for mood, text in own)
        found.append(
            MoodFigures(
                language=language, sentences=len(own), right=right, accuracy=round(right / len(own), 4)
            )
        )
    return found
