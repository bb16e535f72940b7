"""Refusals about transcripts."""

from salon.platform.errors import NotAllowed, NotFound


class TranscriptNotFound(NotFound):
    """Nothing was said there, or not for this caller."""

    kind = "transcript_not_found"
    text = "There is no transcript of this meeting. One is made while captions are switched on."


class NotHostOfTranscript(NotAllowed):
    """A member who may read, but not delete."""

    kind = "transcript_not_yours"
    text = "Only a host of the meeting may delete its transcript."


class NotHostOfVoices(NotAllowed):
    """A member who may read what was said, but not what was thought of voices."""

    kind = "voice_notes_not_yours"
    text = "Only a host of the meeting may see what was noted about voices."


class VoiceIsOff(NotAllowed):
    """The deployment infers nobody's mood from their voice."""

    kind = "mood_from_voice_off"
    text = "This server infers nobody's mood from their voice. Whoever runs it can set SALON_AI_MOOD=voice."
