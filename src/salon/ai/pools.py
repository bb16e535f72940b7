"""The processes that run the models which the settings name."""

import os
from dataclasses import replace

from salon.ai.catalog import OPEN_INFERENCE, OPEN_INFERENCE_VOICE, OPENAI, Task, names_of
from salon.ai.model_store import ModelStore
from salon.ai.recognizers import Remote
from salon.ai.workers import Workers
from salon.platform.priority import may_be_in_real_time
from salon.settings import AiSettings, Settings

CONSIDERATE = 2
"""How far models yield to the call, as in nice(2)."""


def check_models(ai: AiSettings) -> None:
    """Whether the settings name models of the kind they ask for.

    Raises:
        ValueError: one does not; the text says which, and what to choose.
    """
    detectors, recognizers = names_of(Task.SYNTHESIS), names_of(Task.ASR)
    if ai.voice_model and ai.voice_model not in detectors:
        raise ValueError(
            f"SALON_AI_VOICE_MODEL={ai.voice_model} detects no synthetic voices. "
            f"Unset it, or choose one of: {', '.join(detectors)}."
        )
    for setting, name in (("ASR", ai.asr_model), ("CAPTION", ai.caption_model)):
        if name in detectors:
            raise ValueError(
                f"SALON_AI_{setting}_MODEL={name} recognises no speech. "
                f"Unset it, or choose one of: {', '.join(recognizers)}."
            )


def answerers(ai: AiSettings, store: ModelStore) -> Workers:
    """Workers that answer requests about whole files, and score voices; none is started yet."""
    remote = _remote(ai, ai.asr_model)
    if ai.voice_model == OPEN_INFERENCE_VOICE.name:
        remote = replace(remote, voice_oip_url=ai.voice_oip_url, voice_oip_model=ai.voice_oip_model)
    return _workers(ai, store, remote, count=ai.workers or None, niceness=CONSIDERATE)


def readers(settings: Settings, store: ModelStore) -> Workers:
    """Workers of captions: they must not wait behind questions about whole files. None is started yet.

    Of one thread each: a second one takes from other phrases what it gives to one.
    """
    ai = settings.ai
    # Media that goes before everything anyway needs no consideration.
    is_media_safe = settings.sfu_real_time and may_be_in_real_time()
    niceness = 0 if is_media_safe else CONSIDERATE
    remote = _remote(ai, ai.caption_model)
    return _workers(ai, store, remote, count=ai.workers or os.cpu_count(), niceness=niceness)


def _workers(
    ai: AiSettings, store: ModelStore, remote: Remote, *, count: int | None, niceness: int
) -> Workers:
    environment = remote.as_environment()
    return Workers(store.root, count=count, waiting=ai.waiting, environment=environment, niceness=niceness)


def _remote(ai: AiSettings, model: str) -> Remote:
    """Only of the model that is used: no worker knows a key it does not need."""
    if model == OPENAI.name:
        key = ai.openai_key.get_secret_value()
        return Remote(openai_url=ai.openai_url, openai_key=key, openai_model=ai.openai_model)
    if model == OPEN_INFERENCE.name:
        return Remote(oip_url=ai.oip_url, oip_model=ai.oip_model)
    return Remote()
