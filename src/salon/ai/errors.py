"""What can go wrong with inference."""

from salon.platform.errors import BadRequest, NotFound, TooManyRequests, Unavailable

__all__ = ["AudioUnusable", "ModelUnready", "ModelsBusy", "StreamNotFound", "TooManyQuestions", "UnknownTask"]


class AudioUnusable(BadRequest):
    """The audio, or its base64, cannot be read."""

    kind = "audio_unusable"


class StreamNotFound(NotFound):
    """Not published now, or in a meeting that is none of the caller's."""

    kind = "stream_not_found"
    text = "There is no such stream now."


class UnknownTask(BadRequest):
    """A kind of work there is not."""

    kind = "unknown_task"


class ModelUnready(Unavailable):
    """A model is not on this server; the text names the command that fetches it."""

    kind = "model_missing"


class ModelsBusy(Unavailable):
    """As many wait as may."""

    kind = "models_busy"
    text = "The models are busy. Try again in a moment."


class TooManyQuestions(TooManyRequests):
    """More than one person may ask."""

    kind = "too_many_questions"
