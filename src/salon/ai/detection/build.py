"""What runs each detector that the catalogue names."""

from salon.ai.catalog import CATALOG, Engine, Task
from salon.ai.detection.detector import SyntheticVoiceDetector
from salon.ai.model_store import ModelMissing, ModelStore
from salon.ai.recognizers import Remote
from salon.ai.remote.client import RemoteFailed
from salon.ai.remote.oip import OipDetector


def detector_of(store: ModelStore, model: str, *, remote: Remote | None = None) -> SyntheticVoiceDetector:
    """The detector of a model, not yet loaded.

    Raises:
        ModelMissing: the model is not on this machine, nobody knows it, or it detects nothing.
        RemoteFailed: it is on a server whose address nobody told.
    """
    store.folder_of(model)
    known = CATALOG[model]
    if known.task is not Task.SYNTHESIS or known.engine is not Engine.OIP:
        raise ModelMissing(model)
    there = remote or Remote()
    if not there.voice_oip_url:
        raise RemoteFailed("Set SALON_AI_VOICE_OIP_URL.")
    return OipDetector(there.voice_oip_url, model=there.voice_oip_model)
