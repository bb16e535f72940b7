"""Lines on their way to people: to everybody in the meeting at once, and to its transcript when finished."""

from datetime import UTC, datetime
from uuid import uuid4

from pydantic import JsonValue

from salon.ai.live.reading import Reading
from salon.ai.live.voices import VoiceKey
from salon.ai.mood import mood_of
from salon.ai.transcripts.model import Line, SpokenWord, Transcripts
from salon.meeting.face import MeetingId
from salon.platform.bus import Bus
from salon.signaling.face import CaptionSpoken, LiveSession, Signaling

SURE_MOOD = 0.6
"""A mood less certain than this is not told."""


class Teller:
    """Knows which line belongs to which phrase."""

    def __init__(self, *, signaling: Signaling, transcripts: Transcripts, bus: Bus, tells_mood: bool) -> None:
        self._signaling = signaling
        self._transcripts = transcripts
        self._bus = bus
        self._tells_mood = tells_mood
        self._lines: dict[tuple[VoiceKey, int], str] = {}
        """Lines that are shown in part, by voice and number of the phrase."""

    async def say(self, meeting_id: MeetingId, reading: Reading) -> bool:
        """Tell what was read. False if nothing new is to be read by people."""
        phrase = reading.phrase
        if not reading.text:
            if not phrase.is_partial:
                await self.withdraw(meeting_id, reading.key, phrase.number)
            return False
        speaker = await find_speaker(self._signaling, meeting_id, reading.key.stream)
        if speaker is None:
            return False
        line_id = self._line_id(reading.key, phrase.number, is_final=not phrase.is_partial)
        await self._bus.publish(
            CaptionSpoken(
                meeting_id=meeting_id,
                user_id=speaker.user_id,
                payload=self._payload(reading, speaker, line_id),
            )
        )
        if phrase.is_partial:
            return False
        await self._transcripts.append(_line_of(meeting_id, speaker, reading, line_id))
        return True

    async def withdraw(self, meeting_id: MeetingId, key: VoiceKey, number: int) -> None:
        """What was shown of a phrase turned out to be nothing, or will not be read to its end."""
        line_id = self._lines.pop((key, number), None)
        speaker = None if line_id is None else await find_speaker(self._signaling, meeting_id, key.stream)
        if line_id is None or speaker is None:
            return
        payload: dict[str, JsonValue] = {
            "line_id": line_id,
            "speaker_key": key.stream,
            "user_id": speaker.user_id,
            "speaker_label": speaker.shown_name,
            "timestamp_ms": 0,
            "end_ms": 0,
            "text": "",
            "language": "",
            "is_final": True,
            "confidence": 0.0,
            "tags": [],
        }
        await self._bus.publish(
            CaptionSpoken(meeting_id=meeting_id, user_id=speaker.user_id, payload=payload)
        )

    def forget(self, room: str) -> None:
        """Nobody listens to this room any more."""
        self._lines = {place: line for place, line in self._lines.items() if place[0].room != room}

    def _payload(self, reading: Reading, speaker: LiveSession, line_id: str) -> dict[str, JsonValue]:
        phrase = reading.phrase
        return {
            "line_id": line_id,
            "speaker_key": reading.key.stream,
            "user_id": speaker.user_id,
            "speaker_label": speaker.shown_name,
            "timestamp_ms": phrase.begin_us // 1000,
            "end_ms": phrase.end_us // 1000,
            "text": reading.text,
            "language": reading.language,
            "is_final": not phrase.is_partial,
            "confidence": reading.confidence,
            "tags": [] if phrase.is_partial or not self._tells_mood else mood_tags(reading.text),
        }

    def _line_id(self, key: VoiceKey, number: int, *, is_final: bool) -> str:
        place = (key, number)
        line_id = self._lines.pop(place, None) if is_final else self._lines.get(place)
        if line_id is None:
            line_id = uuid4().hex
        if not is_final:
            self._lines[place] = line_id
        return line_id


async def find_speaker(signaling: Signaling, meeting_id: MeetingId, stream: str) -> LiveSession | None:
    """Whose sound this stream is; None if they are gone."""
    sessions = await signaling.list_live_sessions(meeting_id=meeting_id)
    return next((session for session in sessions if session.signaling_peer_id == stream), None)


def mood_tags(text: str) -> list[JsonValue]:
    """The mood of the words, as clients write it among themselves; nothing unless it is plain."""
    mood = mood_of(text)
    if mood.label == "neutral" or mood.confidence < SURE_MOOD:
        return []
    return [{"text": f"情绪 {mood.label} {mood.confidence:.0%}", "kind": "ok"}]


def _line_of(meeting_id: MeetingId, speaker: LiveSession, reading: Reading, line_id: str) -> Line:
    phrase = reading.phrase
    return Line(
        line_id=line_id,
        meeting_id=meeting_id,
        user_id=speaker.user_id,
        speaker=speaker.shown_name,
        speaker_key=reading.key.stream,
        started_at=datetime.fromtimestamp(phrase.begin_us / 1e6, UTC),
        ended_at=datetime.fromtimestamp(phrase.end_us / 1e6, UTC),
        text=reading.text,
        language=reading.language,
        confidence=reading.confidence,
        words=tuple(SpokenWord(*word) for word in reading.words),
    )
