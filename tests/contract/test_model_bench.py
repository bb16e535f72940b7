"""The bench of the models, as a process: what it measures, and what it says where it cannot."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from support.serving import PROGRAM, Environment, environment_of

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    return environment_of(tmp_path / "data")


def bench(env: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "models", "bench", *arguments]
    done = subprocess.run(command, env=env, check=False, capture_output=True, text=True, timeout=500)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_the_default_model_is_measured(env: Environment) -> None:
    done = bench(env, "whisper-base", "--json", "--limit", "3", "--language", "en")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    (model,) = report["models"]
    (english,) = model["speech"]
    assert (english["language"], english["clips"], english["unit"]) == ("en", 3, "word")
    assert english["error_rate"] <= 0.2
    assert model["words_in"] == {"silence": 0, "white noise": 0, "music": 0}
    assert model["peak_memory_mib"] > 50
    assert model["cpu_real_time_factor"] > 0
    assert {one["language"]: one["sentences"] for one in report["mood"]} == {"en": 40, "zh": 40}
    assert all(one["accuracy"] > 0.6 for one in report["mood"])
    assert "asterisk-core-sounds-en-wav" in report["sources"][0]


def test_a_detector_is_measured_with_voices_it_never_met(env: Environment) -> None:
    done = bench(env, "whisper-voices", "--json", "--limit", "2", "--language", "en")
    assert done.returncode == 0, done.stderr
    (detector,) = json.loads(done.stdout)["detectors"]
    flite = next(one for one in detector["engines"] if one["engine"] == "flite")
    assert flite["pieces"] == 6
    for one in (detector, *detector["engines"]):
        assert 0 <= one["equal_error_rate"] <= 1
        assert 0 <= one["equal_error_rate_after_opus"] <= 1
    # It is off by default, and this is why.
    assert detector["is_good_enough"] is (detector["equal_error_rate_after_opus"] <= 0.15)
    assert (detector["speakers"], detector["pieces_of_people"]) == (1, 2)


def test_what_cannot_be_measured_is_said_with_what_to_do(env: Environment, tmp_path: Path) -> None:
    bare = env | {"SALON_AI_MODELS_DIR": str(tmp_path / "none")}
    for arguments, text, code in (
        (["whisper-tiny.en"], "salon models pull whisper-tiny.en", 1),
        ([], "salon models pull whisper-base", 1),
        (["whisper-giant"], "salon models list", 2),
        (["--language", "tlh"], "There is in: en, fr, es, it, ru, zh", 2),
    ):
        done = bench(bare, *arguments)
        assert (done.returncode, text in " ".join(done.stderr.split())) == (code, True), done.stderr
