"""Captions as people see them: who may switch them on, and what becomes of what is heard."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

import structlog
from prometheus_client import CollectorRegistry

from salon.ai.errors import ModelUnready
from salon.ai.live.figures import CaptionFigures
from salon.ai.live.kept import KeptCaptions
from salon.ai.live.reader import Reader
from salon.ai.live.reading import Reading
from salon.ai.live.state import Captioned, CaptionsBy, CaptionsState, Condition, Processed
from salon.ai.live.telling import Teller
from salon.ai.live.voice_watch import SpeakerVoice, VoiceWatch
from salon.ai.live.voices import VoiceKey, Voices
from salon.ai.model_store import ModelMissing, ModelStore
from salon.media.face import RoomAudio
from salon.meeting.face import MeetingChanged, MeetingEnded, MeetingId, Meetings
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.bus import Bus, Subscription
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import NotAllowed, NotFound, SalonError, Unavailable
from salon.signaling.face import CaptionsSwitched

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

TICK_S = 0.1
STALE_US = 5_000_000
"""Sound that has waited so long is not listened to: its captions would come too late."""
BYTES_A_S = 32_000
MOST_MEETINGS = 32
"""Meetings with captions at one time, far beyond what one machine recognises."""


class LiveCaptions:
    """Listens to meetings, and tells and keeps what is said in them. Works from `start` to `close`.

    Args:
        watch: hears every phrase too, and warns of synthetic voices; None: nobody does.
    """

    def __init__(
        self,
        *,
        db: Database,
        audio: RoomAudio,
        reader: Reader,
        store: ModelStore,
        model: str,
        teller: Teller,
        meetings: Meetings,
        bus: Bus,
        clock: Clock,
        registry: CollectorRegistry,
        watch: VoiceWatch | None = None,
    ) -> None:
        self._db = db
        self._kept = KeptCaptions(db)
        self._audio = audio
        self._reader = reader
        self._store = store
        self._model = model
        self._teller = teller
        self._watch = watch
        self._meetings = meetings
        self._bus = bus
        self._clock = clock
        self._captioned: dict[MeetingId, Captioned] = {}
        self._by_room: dict[str, MeetingId] = {}
        self._voices = Voices()
        self._processed: dict[tuple[str, str], datetime] = {}
        """When a phrase of a speaker was last read, by room and stream."""
        # Of its own: recognising voices in what is heard must not wait behind other work, nor it for them.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="captions")
        self._subscriptions: list[Subscription] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.figures = CaptionFigures(registry, reader=reader, meetings=lambda: len(self._captioned))

    async def start(self) -> None:
        """Begin to listen; meetings that had captions when the server stopped have them again."""
        self._subscriptions = [
            self._bus.subscribe(MeetingEnded, self._handle_ended),
            self._bus.subscribe(MeetingChanged, self._handle_changed),
        ]
        self._reader.start()
        self._tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._read())]
        await self._resume()

    async def close(self) -> None:
        """Stop; what is being recognised is lost."""
        for subscription in self._subscriptions:
            subscription.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._watch is not None:
            await self._watch.close()
        await self._reader.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    # What people ask for.

    async def state(self, caller: Caller, meeting_id: MeetingId) -> CaptionsState:
        """How it stands. Who could switch captions on asks because they are about to: the model is loaded.

        Raises:
            NotFound, NotAllowed: not a meeting of the caller's.
        """
        await self._meetings.check_captions(user_id=caller.user_id, meeting_id=meeting_id, to="see")
        found = self._captioned.get(meeting_id)
        if found is not None:
            return found.state()
        with suppress(SalonError):
            await self._meetings.check_captions(user_id=caller.user_id, meeting_id=meeting_id, to="start")
            if self._store.has(self._model):
                self._reader.warm_up()
        return CaptionsState(enabled=False)

    @property
    def detector(self) -> str | None:
        """What warns of synthetic voices; None: nothing does."""
        return None if self._watch is None else self._watch.detector

    async def voices(self, caller: Caller, meeting_id: MeetingId) -> list[SpeakerVoice]:
        """Whose voice was scored, and what is thought of it now: for those who may start captions.

        Raises:
            NotFound: no such meeting, or nothing that the caller has to do with.
            NotAllowed: neither a host nor a moderator.
        """
        if meeting_id not in await self._meetings.find_seats(
            user_id=caller.user_id, meeting_ids=[meeting_id]
        ):
            raise NotFound("There is no such meeting.")
        seat = await self._meetings.check_captions(user_id=caller.user_id, meeting_id=meeting_id, to="stop")
        return [] if self._watch is None else self._watch.list_voices(seat.room_id)

    def processed(self, meeting_id: MeetingId, stream: str) -> Processed | None:
        """What is done with the sound of a speaker; None while nobody listens to them."""
        captioned = self._captioned.get(meeting_id)
        if captioned is None:
            return None
        latest = self._processed.get((captioned.room_id, stream))
        return Processed(latest, self._voices.buffered_bytes_of(captioned.room_id, stream))

    async def switch(self, caller: Caller, meeting_id: MeetingId, *, enabled: bool) -> CaptionsState:
        """Make captions in a meeting from now on, or no more. Everybody in it is told.

        Raises:
            NotFound, NotAllowed, Conflict: no such meeting; not a host or moderator, or switched off in this
                meeting; it is over.
            ModelUnready: there is no model; the text names the command that fetches it.
            Unavailable: as many meetings have captions as may, or the engine is busy.
        """
        seat = await self._meetings.check_captions(
            user_id=caller.user_id, meeting_id=meeting_id, to="start" if enabled else "stop"
        )
        if not enabled:
            if meeting_id in self._captioned:
                await self._note("captions.switched_off", caller, meeting_id)
            await self._stop(meeting_id)
            return CaptionsState(enabled=False)
        if not self._store.has(self._model):
            raise ModelUnready(str(ModelMissing(self._model)))
        if meeting_id in self._captioned:
            return self._captioned[meeting_id].state()
        if len(self._captioned) >= MOST_MEETINGS:
            raise Unavailable(
                "Captions are made in many meetings already. Try again later.", retry_after_s=60
            )
        await self._audio.listen(room_id=seat.room_id)
        captioned = Captioned(
            meeting_id,
            seat.room_id,
            CaptionsBy(user_id=caller.user_id, username=caller.username),
            self._clock.now(),
        )
        await self._note("captions.switched_on", caller, meeting_id)
        await self._kept.keep(captioned)
        await self._begin(captioned)
        return captioned.state()

    async def _begin(self, captioned: Captioned) -> None:
        self._captioned[captioned.meeting_id] = captioned
        self._by_room[captioned.room_id] = captioned.meeting_id
        self._reader.warm_up()
        log.info("captions.on", meeting_id=captioned.meeting_id, user_id=captioned.by.user_id)
        await self._tell(captioned)

    async def _resume(self) -> None:
        for captioned in await self._kept.all():
            meeting_id = captioned.meeting_id
            try:
                await self._meetings.check_captions(
                    user_id=captioned.by.user_id, meeting_id=meeting_id, to="start"
                )
                if not self._store.has(self._model):
                    raise ModelUnready(str(ModelMissing(self._model)))
                await self._audio.listen(room_id=captioned.room_id)
            except SalonError as fault:
                log.warning("captions.not_resumed", meeting_id=meeting_id, fault=fault.message)
                await self._kept.forget(meeting_id)
                continue
            if meeting_id not in self._captioned:
                await self._begin(captioned)

    async def _note(self, action: str, by: Caller, meeting_id: MeetingId) -> None:
        entry = AuditEntry(
            action=action,
            actor_id=by.user_id,
            actor_name=by.username,
            target=f"meeting:{meeting_id}",
            meeting_id=meeting_id,
        )
        async with self._db.begin() as tx:
            await record(tx, entry, now=self._clock.now())

    async def _stop(self, meeting_id: MeetingId) -> None:
        captioned = self._captioned.pop(meeting_id, None)
        if captioned is None:
            return
        await self._kept.forget(meeting_id)
        self._by_room.pop(captioned.room_id, None)
        log.info("captions.off", meeting_id=meeting_id)
        await self._audio.unlisten(room_id=captioned.room_id)
        with suppress(RuntimeError):  # the thread is closed: nothing is left to forget
            await self._in_thread(self._voices.forget, captioned.room_id)
        room_id = captioned.room_id
        self._processed = {key: at for key, at in self._processed.items() if key[0] != room_id}
        self._reader.forget(room_id)
        self._teller.forget(room_id)
        if self._watch is not None:
            await self._watch.forget(room_id)
        off = CaptionsState(enabled=False).model_dump(mode="json")
        await self._bus.publish(CaptionsSwitched(meeting_id=meeting_id, is_enabled=False, payload=off))

    async def _handle_ended(self, event: MeetingEnded) -> None:
        await self._stop(event.meeting_id)

    async def _handle_changed(self, event: MeetingChanged) -> None:
        captioned = self._captioned.get(event.meeting_id)
        if captioned is None:
            return
        try:
            await self._meetings.check_captions(
                user_id=captioned.by.user_id, meeting_id=event.meeting_id, to="start"
            )
        except (NotAllowed, NotFound):
            # Switched off in the settings, or whoever wanted them may no longer want anything here.
            await self._stop(event.meeting_id)
        except SalonError:
            log.warning("captions.unchecked", meeting_id=event.meeting_id)

    async def _tell(self, captioned: Captioned) -> None:
        await self._bus.publish(
            CaptionsSwitched(meeting_id=captioned.meeting_id, is_enabled=True, payload=captioned.payload())
        )

    # What is heard.

    async def _hear(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if self._is_idle() else TICK_S):
                    await self._audio.wait()
            try:
                await self._hear_once()
            except Exception:  # a supervisor: one odd packet must not end all captions
                log.exception("captions.hearing_failed")
                await asyncio.sleep(TICK_S)

    def _is_idle(self) -> bool:
        return not self._captioned

    async def _hear_once(self) -> None:
        now_us = int(self._clock.now().timestamp() * 1e6)
        chunks = [chunk for chunk in self._audio.take() if chunk.room in self._by_room]
        fresh = [chunk for chunk in chunks if chunk.is_last or now_us - chunk.at_us < STALE_US]
        stale_bytes = sum(len(chunk.pcm) for chunk in chunks) - sum(len(chunk.pcm) for chunk in fresh)
        if stale_bytes:
            self.figures.on_dropped(stale_bytes / BYTES_A_S, outcome="late")
        for key, phrase in await self._in_thread(self._voices.hear, fresh, now_us):
            for lost in self._reader.put(key, phrase):
                await self._leave_out(lost)
            if phrase.state == "nothing":
                await self._withdraw(key, phrase.number)
        if self._watch is not None:
            for chunk in chunks:
                if chunk.is_last:
                    await self._watch.end(VoiceKey(chunk.room, chunk.stream, chunk.track))

    async def _in_thread(self, work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, partial(work, *arguments, **options)
        )

    # What comes of it.

    async def _read(self) -> None:
        async for reading in self._reader.readings():
            try:
                await self._take(reading)
            except Exception:  # a supervisor: one line must not end all captions
                log.exception("captions.line_failed")

    async def _take(self, reading: Reading) -> None:
        meeting_id = self._by_room.get(reading.key.room)
        if meeting_id is None:
            return
        self._processed[reading.key.room, reading.key.stream] = self._clock.now()
        if reading.outcome == "read":
            await self._say(meeting_id, reading)
        else:
            await self._leave_out(reading)
        if self._watch is not None:
            await self._watch.hear(meeting_id, reading)
        await self._look_at_condition(meeting_id, reading.key.room)

    async def _say(self, meeting_id: MeetingId, reading: Reading) -> None:
        if await self._teller.say(meeting_id, reading):
            lag_s = self._clock.now().timestamp() - reading.phrase.end_us / 1e6
            self.figures.on_line(lag_s=lag_s)

    async def _withdraw(self, key: VoiceKey, number: int) -> None:
        meeting_id = self._by_room.get(key.room)
        if meeting_id is not None:
            await self._teller.withdraw(meeting_id, key, number)

    async def _leave_out(self, reading: Reading) -> None:
        self.figures.on_dropped(reading.phrase.seconds, outcome=reading.outcome)
        await self._withdraw(reading.key, reading.phrase.number)

    async def _look_at_condition(self, meeting_id: MeetingId, room: str) -> None:
        captioned = self._captioned.get(meeting_id)
        condition: Condition = self._reader.condition(room)
        if captioned is None or condition == captioned.condition:
            return
        captioned.condition = condition
        log.warning("captions.condition", meeting_id=meeting_id, condition=condition)
        await self._tell(captioned)
