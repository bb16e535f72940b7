"""What a browser really receives, by its own statistics, for each person it hears and sees."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from .tab import Tab

# Statistics know m-lines, the remote description knows whose stream each m-line carries.
RECEIVED = """async () => {
  const pc = window.__salon?.peerConnection;
  if (!pc) return null;
  const streams = {};
  let mid = null, line = "";
  for (line of (pc.remoteDescription?.sdp ?? "").split(/\\r?\\n/)) {
    if (line.startsWith("m=")) mid = null;
    if (line.startsWith("a=mid:")) mid = line.slice(6);
    const msid = /^a=msid:(\\S+)/.exec(line);
    if (msid) streams[mid ?? ""] = msid[1];
  }
  // The mid of a line may stand after its msid.
  for (const part of (pc.remoteDescription?.sdp ?? "").split(/\\r?\\nm=/).slice(1)) {
    const id = /\\na=mid:(\\S+)/.exec(part), msid = /\\na=msid:(\\S+)/.exec(part);
    if (id && msid) streams[id[1]] = msid[1];
  }
  const found = [];
  for (const report of (await pc.getStats()).values()) {
    if (report.type !== "inbound-rtp") continue;
    found.push({
      mid: report.mid, stream: streams[report.mid] ?? "", kind: report.kind,
      packets: report.packetsReceived ?? 0, lost: report.packetsLost ?? 0,
      frames: report.framesDecoded ?? 0, energy: report.totalAudioEnergy ?? 0,
      seconds: report.totalSamplesDuration ?? 0,
      width: report.frameWidth ?? 0, height: report.frameHeight ?? 0,
    });
  }
  return found;
}"""


@dataclass(frozen=True)
class Flow:
    """What came from one publisher during a measurement."""

    frames_per_second: float
    audio_energy: float
    audio_seconds: float
    width_px: int
    height_px: int

    @property
    def is_seen_and_heard(self) -> bool:
        """The bar that a call has to pass."""
        return self.frames_per_second >= 10 and self.audio_energy > 0 and self.audio_seconds > 0


async def received(tab: Tab) -> list[dict[str, Any]]:
    """The inbound streams of the call; empty while there is no connection."""
    return await tab.evaluate(RECEIVED) or []


async def flows(tab: Tab, *, over_s: float = 3.0) -> dict[str, Flow]:
    """What comes in from each publisher, by stream id, measured over a while."""
    before, started = await received(tab), time.monotonic()
    await asyncio.sleep(over_s)  # a rate needs a span, not a condition
    after, passed_s = await received(tab), time.monotonic() - started
    old = {(it["stream"], it["kind"], it["mid"]): it for it in before}
    result: dict[str, Flow] = {}
    for stream in {it["stream"] for it in after if it["stream"]}:
        mine = [it for it in after if it["stream"] == stream]

        def grown(kind: str, field: str, mine: list[dict[str, Any]] = mine) -> float:
            return sum(
                float(it[field]) - float(old.get((it["stream"], kind, it["mid"]), {}).get(field, 0))
                for it in mine
                if it["kind"] == kind
            )

        video = max(
            (it for it in mine if it["kind"] == "video"), key=lambda it: int(it["frames"]), default=None
        )
        result[stream] = Flow(
            frames_per_second=grown("video", "frames") / passed_s,
            audio_energy=grown("audio", "energy"),
            audio_seconds=grown("audio", "seconds"),
            width_px=int(video["width"]) if video else 0,
            height_px=int(video["height"]) if video else 0,
        )
    return result
