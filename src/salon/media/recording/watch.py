"""Keeps an eye on what runs: who comes and goes, how the disk fills, how long it has lasted."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path

import structlog

from salon.media.engine import RecorderState
from salon.media.recording import rules, store
from salon.media.recording.finishing import measure
from salon.media.recording.recorder import Live, Recorder
from salon.media.recording.tools import FreeSpace
from salon.meeting.face import MeetingChanged, MeetingEnded, Meetings, RoomClosed
from salon.platform.bus import Bus, Subscription
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.signaling.face import (
    MediaStateChanged,
    MediaSwitches,
    SessionEnded,
    SessionReady,
    Signaling,
    SignalingPeerId,
)
from salon.user.face import UserId, Users

log = structlog.get_logger()

LOOK_EVERY = timedelta(seconds=2)
MEASURE_EVERY = 15
"""Looks between two of how much the recordings take: that costs a walk through their folders."""


class Watch:
    """Listens to the bus and looks at the disk, from `start` to `close`."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        limits: rules.Limits,
        free_space: FreeSpace,
        meetings: Meetings,
        signaling: Signaling,
        users: Users,
        db: Database,
        bus: Bus,
        clock: Clock,
    ) -> None:
        self._recorder = recorder
        self._limits = limits
        self._free_space = free_space
        self._meetings = meetings
        self._signaling = signaling
        self._users = users
        self._db = db
        self._bus = bus
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscriptions: list[Subscription] = []
        self._looks = 0
        self._used: dict[str, int] = {}
        """Bytes of the folder of each running recording, when last measured."""
        recorder.on_begun = self.greet

    def start(self) -> None:
        """Begin."""
        self._subscriptions = [
            self._bus.subscribe(SessionReady, self._handle_ready),
            self._bus.subscribe(SessionEnded, self._handle_ended),
            self._bus.subscribe(MediaStateChanged, self._handle_switched),
            self._bus.subscribe(MeetingEnded, self._handle_meeting_ended),
            self._bus.subscribe(RoomClosed, self._handle_meeting_ended),
            self._bus.subscribe(MeetingChanged, self._handle_meeting_changed),
        ]
        self._spawn(self._look_on())

    async def close(self) -> None:
        """End."""
        for subscription in self._subscriptions:
            subscription.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Who is there.

    async def greet(self, live: Live) -> None:
        """Write down everybody who is in the room as a recording begins."""
        for session in reversed(await self._signaling.list_live_sessions(meeting_id=live.meeting_id)):
            await self._enter(live, session.signaling_peer_id, session.user_id, session.username)
            switches = await self._signaling.find_switches(session_id=session.session_id)
            if switches is not None:
                self._switch(live, session.signaling_peer_id, session.user_id, switches)

    async def _handle_ready(self, event: SessionReady) -> None:
        live = self._recorder.find(event.meeting_id)
        if live is not None:
            await self._enter(live, event.signaling_peer_id, event.user_id, "")

    async def _enter(self, live: Live, stream: SignalingPeerId, user_id: UserId, username: str) -> None:
        if stream in live.streams:
            return
        live.streams[stream] = user_id
        live.people.add(str(user_id))
        live.empty_since = None
        card = (await self._users.cards(user_ids=[user_id])).get(user_id)
        self._recorder.write(
            live,
            "joined",
            user_id=user_id,
            username=card.username if card else username,
            nickname=card.nickname if card else "",
            stream=stream,
        )

    async def _handle_ended(self, event: SessionEnded) -> None:
        live = self._recorder.find(event.meeting_id)
        # A page that connects anew keeps its stream: it has not left.
        if live is None or event.cause == "replaced" or event.signaling_peer_id not in live.streams:
            return
        live.streams.pop(event.signaling_peer_id)
        live.switches.pop(event.signaling_peer_id, None)
        card = (await self._users.cards(user_ids=[event.user_id])).get(event.user_id)
        self._recorder.write(
            live,
            "left",
            user_id=event.user_id,
            username=card.username if card else "",
            nickname=card.nickname if card else "",
            stream=event.signaling_peer_id,
        )
        if not live.streams:
            live.empty_since = self._clock.now()

    async def _handle_switched(self, event: MediaStateChanged) -> None:
        live = self._recorder.find(event.meeting_id)
        if live is not None and event.signaling_peer_id in live.streams:
            self._switch(live, event.signaling_peer_id, event.user_id, event.switches)

    def _switch(self, live: Live, stream: SignalingPeerId, user_id: UserId, switches: MediaSwitches) -> None:
        if live.switches.get(stream) == switches:
            return
        live.switches[stream] = switches
        self._recorder.write(
            live,
            "switches",
            stream=stream,
            user_id=user_id,
            audio=switches.audio,
            video=switches.video,
            screen=switches.screen,
        )

    # What ends it.

    async def _handle_meeting_ended(self, event: MeetingEnded | RoomClosed) -> None:
        live = self._recorder.find(event.meeting_id)
        if live is not None:
            if isinstance(event, MeetingEnded):
                self._recorder.write(live, "meeting", action="ended")
            self._spawn(self._recorder.end(live, cause="meeting_ended"))

    async def _handle_meeting_changed(self, event: MeetingChanged) -> None:
        live = self._recorder.find(event.meeting_id)
        if live is None:
            return
        seats = await self._meetings.find_seats(user_id=live.user_id, meeting_ids=[live.meeting_id])
        seat = seats.get(live.meeting_id)
        if seat is not None and not seat.allows.recording:
            self._spawn(self._recorder.end(live, cause="switched_off"))

    def on_engine_state(self, recording: str, state: RecorderState) -> None:
        """The engine says how writing goes; called in the event loop, does not wait."""
        live = self._recorder.find_by_id(recording)
        if live is None or live.ending is not None:
            return
        if state == "slow":
            self._spawn(self._recorder.warn(live, rules.SLOW))
        elif state == "failed":
            self._spawn(self._recorder.warn(live, rules.FAILED))
        elif state == "writing" and live.warning in (rules.SLOW, rules.FAILED):
            self._spawn(self._recorder.calm(live))

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            try:
                await self.look()
            except Exception:  # a supervisor: the next look comes whatever happened in this one
                log.exception("recording.look_failed")

    async def look(self) -> None:
        """Warn about and end what has to be."""
        running = self._recorder.list_live()
        if not running:
            return
        free = await asyncio.to_thread(self._free_space, self._recorder.root)
        used = await self._measure(running)
        now = self._clock.now()
        for live in running:
            condition = rules.Condition(
                started_at=live.started_at,
                empty_since=live.empty_since,
                free_bytes=free,
                used_bytes=used.get(live.user_id, 0),
            )
            cause = rules.end_due(now, self._limits, condition)
            if cause is not None and live.ending is None:
                self._spawn(self._recorder.end(live, cause=cause))
                continue
            await self._warn(live, rules.warning_due(now, self._limits, condition))

    async def _warn(self, live: Live, text: str) -> None:
        if text and text not in live.warned:
            live.warned.add(text)
            await self._recorder.warn(live, text)
        elif not text and rules.DISK_LOW in live.warned:
            live.warned.discard(rules.DISK_LOW)
            if live.warning == rules.DISK_LOW:
                await self._recorder.calm(live)

    async def _measure(self, running: list[Live]) -> dict[UserId, int]:
        """What the recordings of everybody who records take; {} where nobody has a limit."""
        if not self._limits.quota_bytes:
            return {}
        if self._looks % MEASURE_EVERY == 0:
            self._used = await asyncio.to_thread(
                _measure_all, {live.recording_id: live.folder for live in running}
            )
        self._looks += 1
        owners = sorted({live.user_id for live in running})
        async with self._db.read() as tx:
            kept = await store.used_bytes(tx, owners)
        total: dict[UserId, int] = {owner: kept.get(owner, 0) for owner in owners}
        for live in running:
            total[live.user_id] += self._used.get(live.recording_id, 0)
        return total

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("recording.task_failed", exc_info=task.exception())


def _measure_all(folders: dict[str, Path]) -> dict[str, int]:
    return {recording_id: measure(folder)[1] for recording_id, folder in folders.items()}
