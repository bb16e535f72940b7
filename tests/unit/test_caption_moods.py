"""The mood of a finished line, in the form that clients read."""

import re

import pytest

from salon.ai.live.telling import mood_tags
from salon.ai.mood import MOODS


@pytest.mark.parametrize(
    ("text", "mood"),
    [("That is wonderful, thank you, I love it!", "happy"), ("这太好了，谢谢大家，我很高兴！", "happy")],
)
def test_a_plain_mood_is_told_with_its_share(text: str, mood: str) -> None:
    (tag,) = mood_tags(text)
    assert isinstance(tag, dict)
    found = re.fullmatch(r"情绪 (\w+) (\d{1,3})%", str(tag["text"]))
    assert found is not None
    assert (found[1], tag["kind"]) == (mood, "ok")
    assert found[1] in MOODS
    assert 60 <= int(found[2]) <= 100


@pytest.mark.parametrize("text", ["The meeting begins at nine.", "happy and sad, glad and sorry", ""])
def test_nothing_is_told_of_a_text_whose_mood_is_not_plain(text: str) -> None:
    assert mood_tags(text) == []
