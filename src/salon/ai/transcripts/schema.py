"""Shapes of the endpoints of transcripts."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from salon.ai.transcripts.minutes import Fallback, Kind
from salon.platform.envelope import RequestModel, Timestamp

Word = tuple[float, float, str]


class TranscriptHit(BaseModel):
    """A line in which something was found."""

    line_id: str
    started_at: Timestamp
    speaker: str
    text: str


class TranscriptSummary(BaseModel):
    """The transcript of one meeting, in a list."""

    meeting_id: int
    title: str
    started_at: Timestamp
    ended_at: Timestamp
    line_count: int
    speakers: list[str]
    hits: list[TranscriptHit]


class TranscriptList(BaseModel):
    """A page of transcripts."""

    transcripts: list[TranscriptSummary]
    total: int
    page: int
    page_size: int


class TranscriptLine(BaseModel):
    """What one person said in one breath."""

    line_id: str
    user_id: int
    speaker: str
    speaker_key: str
    started_at: Timestamp
    ended_at: Timestamp
    text: str
    language: str
    confidence: float
    words: Annotated[
        list[Word],
        Field(
            description="begin and end in seconds from `started_at`, and the word",
            examples=[[[0.0, 0.4, "Hello,"], [0.5, 1.1, "everybody"]]],
        ),
    ]


class TranscriptPage(BaseModel):
    """A page of one transcript."""

    meeting_id: int
    title: str
    started_at: Timestamp
    lines: list[TranscriptLine]
    total: int
    page: int
    page_size: int
    can_delete: Annotated[bool, Field(description="whether the caller may delete the transcript")]


class TranscriptFile(BaseModel):
    """The whole of one transcript, as the JSON file has it."""

    meeting_id: int
    title: str
    started_at: Timestamp
    lines: list[TranscriptLine]


class VoiceNoteView(BaseModel):
    """From this moment on a voice was suspected to be made by a machine, or no more."""

    user_id: int
    speaker: str
    state: Literal["suspicious", "ok"]
    score: float
    at: Timestamp


class VoiceNoteList(BaseModel):
    """What was noted about the voices in a meeting, oldest first."""

    notes: list[VoiceNoteView]
    total: int


class MinutesCitation(BaseModel):
    """Where a sentence was said."""

    line_id: str
    started_at: Timestamp
    speaker: str


class MinutesItem(BaseModel):
    """Something that matters, and where it was said."""

    kind: Kind
    text: str
    citations: list[MinutesCitation]


class MinutesSpeaker(BaseModel):
    """How long somebody spoke."""

    user_id: int
    speaker: str
    seconds: float


class MinutesView(BaseModel):
    """Minutes of a meeting."""

    meeting_id: int
    made_at: Timestamp
    method: Annotated[
        Literal["extractive", "language_model"],
        Field(description="`extractive`: each item is a sentence that was said; else it was worded anew"),
    ]
    made_by: Annotated[str | None, Field(description="the language model, if it made them")]
    left_out: Annotated[int, Field(description="items of the language model that no line bears out")]
    fallback: Annotated[
        Fallback | None, Field(description="why they are not the language model's, though one is set up")
    ]
    items: list[MinutesItem]
    speaking_time: list[MinutesSpeaker]


class ConsentRequest(RequestModel):
    """What one agrees to, or does not any more."""

    mood_from_voice: Annotated[bool, Field(strict=True)]


class ConsentView(BaseModel):
    """What one has agreed to, and whether this server does it at all."""

    mood_from_voice: bool
    allowed_here: bool
    changed_at: Timestamp | None
