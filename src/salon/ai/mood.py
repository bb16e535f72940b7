"""The mood of a text by its words: a list of them, what strengthens and what turns them round.

A baseline that can be read and argued with; it knows nothing of irony. A text without such words is neutral.
"""

import re
from dataclasses import dataclass
from math import exp
from typing import Final

MOODS: Final = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")

_ENGLISH: Final = {
    "happy": """happy glad great good love loved lovely wonderful excellent awesome amazing nice thanks thank
        pleased delighted enjoy enjoyed excited fantastic perfect brilliant congratulations fun best""",
    "sad": """sad sorry unhappy miss missed lonely cry cried crying depressed disappointed regret
        disappointing unfortunately hurt grief mourn heartbroken tired lost fail failed hopeless""",
    "angry": """angry furious mad annoyed annoying hate hated rage outrageous unacceptable ridiculous stupid
        damn frustrated frustrating complain blame insult idiot nonsense""",
    "fear": """afraid fear scared scary worried worry anxious nervous terrified panic risk risky danger
        dangerous threat frightening concerned""",
    "disgust": """disgusting disgusted gross nasty awful terrible horrible revolting sick sickening filthy
        ugly""",
    "surprise": """surprised surprise surprising wow unexpected unexpectedly incredible unbelievable suddenly
        astonished shocked shocking whoa""",
}
_CHINESE: Final = {
    "happy": """高兴 开心 快乐 喜欢 太好了 很好 真好 不错 感谢 谢谢 满意 棒 优秀 精彩 幸福 期待 恭喜
        祝贺 哈哈 爱 顺利 完美""",
    "sad": "难过 伤心 悲伤 遗憾 可惜 失望 哭 孤独 抱歉 对不起 痛苦 沮丧 失败 想念 绝望 郁闷",
    "angry": "生气 愤怒 气死 讨厌 烦 恼火 过分 不可接受 混蛋 愚蠢 骂 投诉 岂有此理 恨 胡说",
    "fear": "害怕 担心 恐惧 可怕 紧张 焦虑 危险 风险 不安 恐慌 吓",
    "disgust": "恶心 肮脏 糟糕 差劲 难看 恶劣 厌恶 反感",
    "surprise": "惊讶 吃惊 没想到 竟然 居然 意外 突然 哇 不敢相信 震惊 天哪",
}
_NOT_ENGLISH: Final = {
    "not",
    "no",
    "never",
    "isn't",
    "wasn't",
    "don't",
    "doesn't",
    "didn't",
    "can't",
    "cannot",
}
_NOT_CHINESE: Final = ("不", "没", "没有", "别", "无")
_STRONG: Final = {"very", "so", "really", "extremely", "totally", "absolutely", "too"}
_SHARPNESS = 1.6


@dataclass(frozen=True, slots=True)
class Mood:
    """A mood, how sure, and how all of them share out; the scores sum to 1."""

    label: str
    confidence: float
    scores: dict[str, float]


_WORDS = {word: mood for mood, words in _ENGLISH.items() for word in words.split()}
_PHRASES = sorted(
    ((word, mood) for mood, words in _CHINESE.items() for word in words.split()),
    key=lambda each: -len(each[0]),
)
_ENGLISH_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def mood_of(text: str) -> Mood:
    """The mood of a text in English or Chinese, or both."""
    points = dict.fromkeys(MOODS, 0.0)
    _count_english(text.lower().replace("\u2019", "'"), points)
    _count_chinese(text, points)
    if "!" in text or "！" in text:
        points = {mood: 1.2 * value for mood, value in points.items()}
    points["neutral"] += 1.0
    weights = {mood: exp(_SHARPNESS * value) for mood, value in points.items()}
    total = sum(weights.values())
    scores = {mood: weight / total for mood, weight in weights.items()}
    label = max(scores, key=lambda mood: scores[mood])
    return Mood(label, scores[label], scores)


def _count_english(text: str, points: dict[str, float]) -> None:
    words = _ENGLISH_WORD.findall(text)
    for at, word in enumerate(words):
        mood = _WORDS.get(word)
        if mood is None:
            continue
        before = words[max(0, at - 3) : at]
        weight = 1.5 if _STRONG & set(before[-1:]) else 1.0
        if _NOT_ENGLISH & set(before):
            # "Not happy" is not sad for sure, and "not afraid" is not happy.
            points["sad" if mood == "happy" else "neutral"] += 0.8 * weight
        else:
            points[mood] += 1.2 * weight


def _count_chinese(text: str, points: dict[str, float]) -> None:
    at = 0
    while at < len(text):
        found = next(((word, mood) for word, mood in _PHRASES if text.startswith(word, at)), None)
        if found is None:
            at += 1
            continue
        word, mood = found
        before = text[max(0, at - 2) : at]
        if any(before.endswith(no) or no in before for no in _NOT_CHINESE):
            points["sad" if mood == "happy" else "neutral"] += 0.8
        else:
            points[mood] += 1.2
        at += len(word)
