"""Two texts made comparable, and how far they are apart.

The rule, the same for what was said and for what was recognised: compatibility forms and letters' marks are
folded (Unicode NFKD; a transcript without accents is not an error), case and punctuation go, an apostrophe
joins in English (``don't`` is ``dont``) and parts elsewhere (``l'appel`` is two words), numbers to 100 become
words and longer ones the words of their digits. Chinese is compared by characters, everything else by words.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RULE = (
    "NFKD without marks, case and punctuation; apostrophes join in English and part elsewhere; "
    "numbers to 100 as words, longer ones digit by digit; Chinese by characters, everything else by words"
)

_APOSTROPHES = re.compile("['\u2019\u02bc`]")
_DIGITS = re.compile(r"\d+")

_UNITS = {
    "en": """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
        sixteen seventeen eighteen nineteen""",
    "fr": """zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize
        dix-sept dix-huit dix-neuf""",
    "es": """cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
        dieciseis diecisiete dieciocho diecinueve""",
    "it": """zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici
        quindici sedici diciassette diciotto diciannove""",
    "ru": """ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать
        четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать""",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety hundred",
    "fr": "vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix cent",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien",
    "it": "venti trenta quaranta cinquanta sessanta settanta ottanta novanta cento",
    "ru": "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто сто",
}
_CHINESE_DIGITS = "零一二三四五六七八九"

HIGHEST = 100
"""Beyond it a number can be read in several ways: ``162`` is three digits or a hundred and sixty-two."""


def _plain(number: int, units: list[str], tens: list[str]) -> str:
    if number < 20:
        return units[number]
    rest = units[number % 10] if number % 10 else ""
    return f"{tens[number // 10 - 2]} {rest}".strip()


def _french(number: int, units: list[str], tens: list[str]) -> str:
    if number < 60 or number == 100:
        joint = " et " if number > 20 and number % 10 == 1 else " "
        return _plain(number, units, tens).replace(" ", joint)
    base, rest = ("soixante", number - 60) if number < 80 else ("quatre-vingt", number - 80)
    if not rest:
        return base if number == 60 else base + "s"
    return f"{base} et {units[rest]}" if number in (61, 71) else f"{base} {units[rest]}"


def _spanish(number: int, units: list[str], tens: list[str]) -> str:
    if 20 < number < 30:
        return "veinti" + units[number - 20]
    return (
        _plain(number, units, tens) if number % 10 == 0 else _plain(number, units, tens).replace(" ", " y ")
    )


def _italian(number: int, units: list[str], tens: list[str]) -> str:
    if number < 20 or number % 10 == 0:
        return _plain(number, units, tens)
    ten, unit = tens[number // 10 - 2], units[number % 10]
    return (ten[:-1] if unit[0] in "uo" else ten) + unit


_WAYS: dict[str, Callable[[int, list[str], list[str]], str]] = {
    "fr": _french,
    "es": _spanish,
    "it": _italian,
}


def number_words(number: int, language: str) -> str:
    """A number from 0 to `HIGHEST` as it is said; in digits where the language is not known here."""
    if language == "zh":
        return _chinese(number)
    if language not in _UNITS:
        return str(number)
    say = _WAYS.get(language, _plain)
    return say(number, _UNITS[language].split(), _TENS[language].split())


def _chinese(number: int) -> str:
    if number < 10:
        return _CHINESE_DIGITS[number]
    if number == 100:
        return "一百"
    ten, unit = divmod(number, 10)
    return (_CHINESE_DIGITS[ten] if ten > 1 else "") + "十" + (_CHINESE_DIGITS[unit] if unit else "")


def units_of(text: str, language: str) -> list[str]:
    """The words of a text by the rule, or the characters of a Chinese one."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    folded = _APOSTROPHES.sub("" if language == "en" else " ", folded)
    folded = _DIGITS.sub(lambda found: f" {_said(found[0], language)} ", folded)
    folded = unicodedata.normalize("NFKD", folded)
    kept = "".join(
        each if each.isalnum() else "" if unicodedata.category(each) == "Mn" else " " for each in folded
    )
    return list(kept.replace(" ", "")) if language == "zh" else kept.split()


def _said(digits: str, language: str) -> str:
    if int(digits) <= HIGHEST and (digits == "0" or not digits.startswith("0")):
        return number_words(int(digits), language)
    return " ".join(number_words(int(digit), language) for digit in digits)


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """Errors of recognition over so many units (words, or characters)."""

    errors: int = 0
    units: int = 0

    def __add__(self, other: "ErrorCount") -> "ErrorCount":
        return ErrorCount(self.errors + other.errors, self.units + other.units)

    @property
    def rate(self) -> float:
        """Errors for each unit that was said; may exceed 1."""
        return self.errors / self.units if self.units else 0.0


def errors_of(said: str, heard: str, language: str) -> ErrorCount:
    """How much of what was said was recognised otherwise."""
    wanted = units_of(said, language)
    return ErrorCount(distance(wanted, units_of(heard, language)), len(wanted))


def distance(wanted: Sequence[str], found: Sequence[str]) -> int:
    """The fewest insertions, deletions and replacements from one to the other (Levenshtein 1965)."""
    row = list(range(len(found) + 1))
    for at, one in enumerate(wanted, 1):
        before, row[0] = row[0], at
        for to, other in enumerate(found, 1):
            cost = min(row[to] + 1, row[to - 1] + 1, before + (one != other))
            before, row[to] = row[to], cost
    return row[-1]
