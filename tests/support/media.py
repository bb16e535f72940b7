"""A media client made of aiortc: real ICE, DTLS, SRTP and codecs against the SFU."""

from __future__ import annotations

import asyncio
import math
import struct
import time
from fractions import Fraction
from typing import Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from support.people import Frame, SocketClosed, Tab
from support.wait import eventually

SAMPLE_RATE = 48_000
FRAME_SAMPLES = 960


class Tone(MediaStreamTrack):
    """A 440 Hz tone, paced in real time."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._start: float | None = None

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms."""
        await self._pace(FRAME_SAMPLES / SAMPLE_RATE)
        samples = (self._count * FRAME_SAMPLES + i for i in range(FRAME_SAMPLES))
        pcm = [int(8000 * math.sin(2 * math.pi * 440 * i / SAMPLE_RATE)) for i in samples]
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(struct.pack(f"<{FRAME_SAMPLES}h", *pcm))
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._count * FRAME_SAMPLES
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._count += 1
        return frame

    async def _pace(self, step_s: float) -> None:
        now = asyncio.get_running_loop().time()
        if self._start is None:
            self._start = now
        await asyncio.sleep(max(0.0, self._start + self._count * step_s - now))


class Picture(MediaStreamTrack):
    """A grey picture whose brightness counts, paced at 15 frames a second."""

    kind = "video"
    frame_rate = 15

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._start: float | None = None

    async def recv(self) -> av.VideoFrame:
        """The next frame."""
        now = asyncio.get_running_loop().time()
        if self._start is None:
            self._start = now
        await asyncio.sleep(max(0.0, self._start + self._count / self.frame_rate - now))
        frame = av.VideoFrame(160, 120, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([self._count % 200]) * plane.buffer_size)
        frame.pts = self._count * 90_000 // self.frame_rate
        frame.time_base = Fraction(1, 90_000)
        self._count += 1
        return frame


class MediaClient:
    """One PeerConnection of one tab: sends a tone and a picture, counts what it receives.

    Args:
        tab: an entered tab that declared ``media_push``.
        room_id: from the join.
    """

    def __init__(self, tab: Tab, room_id: str) -> None:
        self.tab = tab
        self.room_id = room_id
        self.peer_id = ""
        self.pc = RTCPeerConnection()
        self.received: dict[tuple[str, str], int] = {}
        """Decoded frames by (stream id, kind)."""
        self.last_at: dict[tuple[str, str], float] = {}
        """When the last of them came, monotonic, in seconds."""
        self.faults: list[BaseException] = []
        """What went wrong while following."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()
        self.pc.on("track", self._on_track)

    async def speak(self, microphone: MediaStreamTrack) -> None:
        """Send this sound and no picture, and follow the server's offers from then on."""
        self.pc.addTrack(microphone)
        await self.offer()
        self._spawn(self._follow_offers())

    async def connect(self, *, follow: bool = True, **fields: Any) -> None:
        """Offer, take the answer, and follow the server's offers from then on."""
        self.pc.addTrack(Tone())
        self.pc.addTrack(Picture())
        vp8 = [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType == "video/VP8"]
        self.pc.getTransceivers()[1].setCodecPreferences(vp8)
        await self.offer(**fields)
        if follow:
            self._spawn(self._follow_offers())

    async def offer(self, **fields: Any) -> None:
        """Negotiate at this client's wish; with ``peer_id`` on the connection it has."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        body = {
            "room_id": self.room_id,
            "user_id": str(self.tab.person.user_id),
            "offer": {"type": "offer", "sdp": self.pc.localDescription.sdp},
            **fields,
        }
        answer = await self.tab.person.request("POST", "/api/v1/webrtc/answer", json=body)
        assert answer.status_code == 200, answer.text
        self.peer_id = answer.json()["peer_id"]
        await self.pc.setRemoteDescription(RTCSessionDescription(**answer.json()["answer"]))

    async def take_offer(self, offer: dict[str, str], **fields: Any) -> None:
        """Apply an offer of the server and answer it."""
        await self.pc.setRemoteDescription(RTCSessionDescription(**offer))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        body = {"answer": {"type": "answer", "sdp": self.pc.localDescription.sdp}, **fields}
        path = f"/api/v1/webrtc/peer/{self.peer_id}/answer"
        reply = await self.tab.person.request("POST", path, json=body)
        assert reply.status_code in (200, 409), reply.text

    async def expect_frames(self, stream: str, kind: str, count: int, *, within_s: float = 10) -> None:
        """Wait until so many frames of a publisher were decoded."""
        async with asyncio.timeout(within_s), self._news:
            await self._news.wait_for(lambda: self.received.get((stream, kind), 0) >= count)

    async def expect_none(
        self, stream: str, kind: str, *, clock: tuple[str, str], frames: int, within_s: float = 15
    ) -> None:
        """Wait until nothing of this kind of a publisher comes any more.

        What is on its way or waits to be decoded may still come, and takes its time on a busy machine: a
        second has to pass without any.

        Args:
            clock: whose stream and kind goes on meanwhile.
            frames: so many frames of the clock have to come in that second, or in what it takes them.
        """
        async with asyncio.timeout(within_s):
            while True:
                before = self.received.get((stream, kind), 0)
                passed = self.received.get(clock, 0) + frames
                # What waited to be decoded comes in one burst: the clock alone may run ahead of time.
                await asyncio.gather(self.expect_frames(*clock, passed, within_s=within_s), asyncio.sleep(1))
                if self.received.get((stream, kind), 0) == before:
                    return

    async def expect_connected(self, *, within_s: float = 5) -> None:
        """Wait for ICE and DTLS."""

        async def look() -> str:
            return str(self.pc.connectionState)

        await eventually(look, lambda state: state == "connected", within_s=within_s)

    async def close(self) -> None:
        """Close the connection without telling anybody."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.pc.close()

    async def _follow_offers(self) -> None:
        """Until an offer stops a line: aiortc cannot apply those, so it is left in the tab's frames."""
        while True:
            try:
                frame = await self.tab.expect(18, where=lambda f: not has_stopped_lines(f), within_s=3600)
            except SocketClosed:
                return
            await self.take_offer(frame["payload"]["offer"], neg=frame["payload"]["neg"])

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._spawn(self._count(track))

    async def _count(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                await track.recv()
            except MediaStreamError:
                return
            key = (self._stream_of(track), track.kind)
            async with self._news:
                self.received[key] = self.received.get(key, 0) + 1
                self.last_at[key] = time.monotonic()
                self._news.notify_all()

    def _stream_of(self, track: MediaStreamTrack) -> str:
        """The msid stream id of a remote track, read from the server's description."""
        transceiver = next(t for t in self.pc.getTransceivers() if t.receiver.track is track)
        section = self.pc.remoteDescription.sdp.split(f"a=mid:{transceiver.mid}\r\n", 1)
        body = section[0].rsplit("m=", 1)[-1] + section[1].split("m=", 1)[0]
        line = next(line for line in body.splitlines() if line.startswith("a=msid:"))
        return line.removeprefix("a=msid:").split()[0]

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self.faults.append(fault)


def has_stopped_lines(frame: Frame) -> bool:
    """Whether a pushed offer contains an m-line with port 0."""
    return " 0 UDP" in frame["payload"]["offer"]["sdp"]
