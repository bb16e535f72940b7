"""The sound of rooms, from the engine to whoever listens."""

import asyncio
from collections.abc import Sequence

import structlog

from salon.media.engine import EngineError, MediaEngine
from salon.media.errors import engine_refusal
from salon.media.face import AudioChunk, RoomAudio
from salon.meeting.face import RoomId

log = structlog.get_logger()

CHUNKS_A_TURN = 128


class EngineAudio(RoomAudio):
    """What the engine of this process decodes."""

    def __init__(self, engine: MediaEngine) -> None:
        self._engine = engine
        self._ready = asyncio.Event()
        engine.on_audio = self._ready.set

    async def listen(self, *, room_id: RoomId) -> None:
        """See `RoomAudio.listen`."""
        try:
            await self._engine.listen(room=room_id)
        except EngineError as error:
            raise engine_refusal(error) from error

    async def unlisten(self, *, room_id: RoomId) -> None:
        """See `RoomAudio.unlisten`."""
        try:
            await self._engine.unlisten(room=room_id)
        except EngineError as error:
            # It costs some decoding until the room is over, and nobody hears it.
            log.warning("media.unlisten_failed", room=room_id, fault=error.kind)

    async def wait(self) -> None:
        """See `RoomAudio.wait`."""
        await self._ready.wait()

    def take(self) -> Sequence[AudioChunk]:
        """See `RoomAudio.take`."""
        chunks = self._engine.take_audio(CHUNKS_A_TURN)
        if len(chunks) < CHUNKS_A_TURN:
            self._ready.clear()
            self._engine.watch_audio()
        return chunks
