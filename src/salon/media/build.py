"""Puts media together from what it stands on."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from salon.media.access import MediaAccess
from salon.media.addresses import advertised_addresses
from salon.media.engine import EngineConfig, MediaEngine, SfuModule
from salon.media.face import RoomAudio, Tracks
from salon.media.lifecycle import PeerLifecycle
from salon.media.listening import EngineAudio
from salon.media.peers import PeerTable, PublishedTracks
from salon.media.router import build_router
from salon.media.service import MediaService
from salon.meeting.face import Meetings
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.settings import Settings
from salon.signaling.face import Signaling


@dataclass(frozen=True, slots=True)
class MediaParts:
    """What the composition uses: `lifecycle` is started and closed, `router` included."""

    lifecycle: PeerLifecycle
    peers: PeerTable
    router: APIRouter
    audio: RoomAudio
    tracks: Tracks


def build_engine(settings: Settings, sfu: SfuModule) -> MediaEngine:
    """The engine as the settings want it, not yet open."""
    return MediaEngine(
        sfu,
        EngineConfig(
            bind_ip="0.0.0.0",  # noqa: S104  (media comes to every address that is advertised)
            udp_port=settings.udp_port,
            advertised_ips=tuple(advertised_addresses(settings.public_ip, host=settings.host)),
            shards=settings.sfu_shards,
            max_peers=settings.max_peers,
            real_time=settings.sfu_real_time,
        ),
    )


def build(
    *,
    engine: MediaEngine,
    bus: Bus,
    clock: Clock,
    meetings: Meetings,
    signaling: Signaling,
    registry: CollectorRegistry,
) -> MediaParts:
    """Build the service over an engine; starting it opens the engine."""
    peers = PeerTable()
    lifecycle = PeerLifecycle(
        engine=engine, peers=peers, signaling=signaling, meetings=meetings, bus=bus, clock=clock
    )
    service = MediaService(
        engine=engine,
        peers=peers,
        lifecycle=lifecycle,
        access=MediaAccess(meetings=meetings, signaling=signaling, peers=peers),
        signaling=signaling,
        meetings=meetings,
        clock=clock,
    )
    registry.register(_Figures(engine, peers))
    return MediaParts(lifecycle, peers, build_router(service), EngineAudio(engine), PublishedTracks(peers))


class _Figures(Collector):
    """Figures read from the engine when somebody asks for them."""

    def __init__(self, engine: MediaEngine, peers: PeerTable) -> None:
        self._engine = engine
        self._peers = peers

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names depend on the engine, which is not open yet."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Connections, and every counter of the engine under its own name."""
        connections = GaugeMetricFamily(
            "webrtc_connections_total", "Media connections now.", labels=["service"]
        )
        connections.add_metric(["media"], len(self._peers))
        yield connections
        for name, value in self._engine.stats().items():
            help_text = f"{name} of the media engine."
            if name.endswith("_total"):
                yield CounterMetricFamily(f"salon_media_{name.removesuffix('_total')}", help_text, value)
            else:
                yield GaugeMetricFamily(f"salon_media_{name}", help_text, value)
