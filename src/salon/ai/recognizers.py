"""What runs each model of speech that the catalogue names."""

from salon.ai.backends import Recognizer, VoiceActivity, WhisperRecognizer
from salon.ai.catalog import CATALOG, Engine
from salon.ai.model_store import ModelStore
from salon.ai.moonshine import MoonshineRecognizer

_RUNS: dict[Engine, type[WhisperRecognizer] | type[MoonshineRecognizer]] = {
    Engine.WHISPER: WhisperRecognizer,
    Engine.MOONSHINE: MoonshineRecognizer,
}


def recognizer_of(store: ModelStore, model: str, *, threads: int, activity: VoiceActivity) -> Recognizer:
    """The recogniser of a model, not yet loaded.

    Raises:
        ModelMissing: the model is not on this machine, or nobody knows it.
    """
    folder = store.folder_of(model)
    return _RUNS[CATALOG[model].engine](folder, threads=threads, activity=activity)
