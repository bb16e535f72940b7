"""A file of captions as a browser understands it."""

from __future__ import annotations

from typing import Any

from .tab import Tab

_READ = """async ([path, token]) => {
  const bearer = token ?? localStorage.getItem("salon.token");
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${bearer}` } });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const video = document.body.appendChild(document.createElement("video"));
  const track = video.appendChild(document.createElement("track"));
  track.default = true;
  track.kind = "captions";
  track.src = URL.createObjectURL(await answer.blob());
  const loaded = new Promise((resolve, reject) => {
    track.addEventListener("load", resolve);
    track.addEventListener("error", () => reject(new Error("The browser cannot read the file.")));
  });
  track.track.mode = "hidden";
  await loaded;
  return [...track.track.cues].map((cue) => {
    const html = cue.getCueAsHTML();
    // A voice becomes a span whose title is the name (WebVTT 6.4).
    const voices = [...html.querySelectorAll("span[title]")].map((voice) => voice.title);
    return { start: cue.startTime, end: cue.endTime, text: html.textContent, voices };
  });
}"""


async def read_cues(tab: Tab, path: str, *, token: str | None = None) -> list[dict[str, Any]]:
    """Download WebVTT and let the browser parse it; without a token as who is signed in there.

    Returns:
        A dict of each cue: ``start`` and ``end`` in seconds, ``text``, ``voices``.
    """
    cues: list[dict[str, Any]] = await tab.evaluate(_READ, [path, token])
    return cues
