"""What runs each model of speech that the catalogue names."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from salon.ai.backends import Recognizer, VoiceActivity, WhisperRecognizer
from salon.ai.catalog import CATALOG, Engine, Task
from salon.ai.live.phrases import PhraseRecognizer, WhisperPhrases, WholePhrases
from salon.ai.model_store import ModelMissing, ModelStore
from salon.ai.moonshine import MoonshineRecognizer
from salon.ai.remote.client import RemoteFailed, RemoteRecognizer
from salon.ai.remote.oip import OipRecognizer
from salon.ai.remote.openai import OpenAiRecognizer

_PREFIX = "SALON_AI_"


@dataclass(frozen=True, slots=True)
class Remote:
    """Where servers with models are; an address that is empty: there is none."""

    openai_url: str = ""
    openai_key: str = ""
    openai_model: str = ""
    oip_url: str = ""
    oip_model: str = ""
    voice_oip_url: str = ""
    voice_oip_model: str = ""

    def as_environment(self) -> dict[str, str]:
        """How a worker process is told."""
        return {_PREFIX + name.upper(): value for name, value in asdict(self).items() if value}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Remote":
        """What `as_environment` told."""
        names = cls.__dataclass_fields__
        return cls(**{name: environment.get(_PREFIX + name.upper(), "") for name in names})


def recognizer_of(
    store: ModelStore, model: str, *, threads: int, activity: VoiceActivity, remote: Remote | None = None
) -> Recognizer:
    """The recogniser of a model, not yet loaded.

    Raises:
        ModelMissing: the model is not on this machine, nobody knows it, or it recognises no speech.
        RemoteFailed: it is on a server whose address nobody told.
    """
    folder = store.folder_of(model)
    if CATALOG[model].task is not Task.ASR:
        raise ModelMissing(model)
    engine = CATALOG[model].engine
    if engine is Engine.WHISPER:
        return WhisperRecognizer(folder, threads=threads, activity=activity)
    if engine is Engine.MOONSHINE:
        return MoonshineRecognizer(folder, threads=threads, activity=activity)
    return _remote(engine, remote or Remote(), activity)


def phrases_of(
    store: ModelStore, model: str, *, threads: int, activity: VoiceActivity, remote: Remote | None = None
) -> PhraseRecognizer:
    """What makes captions of short phrases with a model, not yet loaded.

    Raises:
        ModelMissing, RemoteFailed: as `recognizer_of`.
    """
    folder = store.folder_of(model)
    if CATALOG[model].engine is Engine.WHISPER:
        return WhisperPhrases(folder, threads=threads)
    return WholePhrases(recognizer_of(store, model, threads=threads, activity=activity, remote=remote))


def _remote(engine: Engine, remote: Remote, activity: VoiceActivity) -> RemoteRecognizer:
    is_openai = engine is Engine.OPENAI
    url = remote.openai_url if is_openai else remote.oip_url
    if not url:
        raise RemoteFailed(f"Set {_PREFIX}{'OPENAI' if is_openai else 'OIP'}_URL.")
    if is_openai:
        return OpenAiRecognizer(url, model=remote.openai_model, key=remote.openai_key, activity=activity)
    return OipRecognizer(url, model=remote.oip_model, key="", activity=activity)
