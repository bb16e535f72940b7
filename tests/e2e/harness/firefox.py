"""Debian's Firefox with a fake camera and microphone, driven over WebDriver BiDi, no driver program."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from .tab import PATIENCE_S, Tab, Target
from .wait import eventually

EXECUTABLE = "/usr/bin/firefox-esr"
PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.getdisplaymedia.enabled": True,
    "media.gmp-manager.updateEnabled": False,  # the H264 plug-in would be downloaded; VP8 is built in
    "media.gmp-provider.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.region.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "extensions.update.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
}
KEYS = {"Tab": "\ue004", "Escape": "\ue00c", "Enter": "\ue007", "Backspace": "\ue003"}
CONTROL = "\ue009"


class FirefoxError(Exception):
    """What the browser answered to a command."""


class FirefoxTab(Tab):
    """A page in a Firefox of its own."""

    def __init__(self, process: asyncio.subprocess.Process, socket: ClientConnection) -> None:
        """Use :meth:`launch`."""
        self._process = process
        self._socket = socket
        self._next_id = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._context = ""
        self._problems: list[str] = []
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(_drain(process))]

    @classmethod
    async def launch(cls, profile: Path, *, locale: str, size_px: tuple[int, int]) -> FirefoxTab:
        """Start a browser; ``profile`` is an empty folder."""
        profile.mkdir(parents=True, exist_ok=True)
        preferences = PREFERENCES | {"intl.accept_languages": locale}
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in preferences.items()]
        (profile / "user.js").write_text("\n".join(lines))
        process = await asyncio.create_subprocess_exec(
            EXECUTABLE,
            "--headless",
            "--no-remote",
            "--remote-debugging-port=0",
            "--profile",
            str(profile),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        address = await asyncio.wait_for(_listening_address(process), 30)
        socket = await connect(f"{address}/session", max_size=None, ping_interval=None)
        tab = cls(process, socket)
        await tab._start(size_px)
        return tab

    async def _start(self, size_px: tuple[int, int]) -> None:
        await self._command("session.new", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": False}}})
        tree = await self._command("browsingContext.getTree", {})
        self._context = tree["contexts"][0]["context"]
        await self._command("session.subscribe", {"events": ["log.entryAdded"]})
        await self.resize(*size_px)

    async def _read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if message.get("type") == "event":
                entry = message["params"]
                if message["method"] == "log.entryAdded" and entry["level"] == "error":
                    self._problems.append(f"{entry['type']}: {entry['text']}")
                continue
            future = self._waiting.pop(message["id"], None)
            if future is not None and not future.done():
                future.set_result(message)

    async def _command(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._next_id += 1
        number = self._next_id
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        answer = await asyncio.wait_for(self._waiting[number], PATIENCE_S * 2)
        if answer["type"] != "success":
            raise FirefoxError(f"{method}: {answer.get('error')}: {answer.get('message')}")
        result: dict[str, Any] = answer["result"]
        return result

    async def _find(self, target: Target) -> str | None:
        locator: dict[str, Any]
        if target.css:
            locator = {"type": "css", "value": target.css}
        else:
            locator = {"type": "accessibility", "value": {"role": target.role, "name": target.name}}
        found = await self._command(
            "browsingContext.locateNodes", {"context": self._context, "locator": locator, "maxNodeCount": 1}
        )
        for node in found["nodes"]:
            usable = await self._call(
                "(e) => { e.scrollIntoView({block: 'nearest'}); const b = e.getBoundingClientRect();"
                " return b.width > 0 && b.height > 0 && !e.disabled; }",
                {"sharedId": node["sharedId"]},
            )
            if usable:
                return str(node["sharedId"])
        return None

    async def _element(self, target: Target) -> str:
        found = await eventually(
            lambda: self._find(target),
            lambda it: it is not None,
            within_s=PATIENCE_S,
            what=f"{target} is usable",
        )
        return str(found)

    async def _act(self, *devices: dict[str, Any]) -> None:
        await self._command("input.performActions", {"context": self._context, "actions": list(devices)})

    async def goto(self, url: str) -> None:
        await self._command(
            "browsingContext.navigate", {"context": self._context, "url": url, "wait": "complete"}
        )

    async def click(self, target: Target) -> None:
        origin = {"type": "element", "element": {"sharedId": await self._element(target)}}
        await self._act(
            {
                "type": "pointer",
                "id": "mouse",
                "actions": [
                    {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    async def fill(self, target: Target, text: str) -> None:
        await self.click(target)
        keys = [{"type": "keyDown", "value": CONTROL}, *_strokes("a"), {"type": "keyUp", "value": CONTROL}]
        keys += _strokes(KEYS["Backspace"])
        for character in text:
            keys += _strokes(character)
        await self._act({"type": "key", "id": "keyboard", "actions": keys})

    async def choose_file(self, name: str, path: Path) -> None:
        locator = {"type": "css", "value": f'input[type="file"][name="{name}"]'}
        found = await self._command(
            "browsingContext.locateNodes", {"context": self._context, "locator": locator, "maxNodeCount": 1}
        )
        element = {"sharedId": found["nodes"][0]["sharedId"]}
        await self._command(
            "input.setFiles", {"context": self._context, "element": element, "files": [str(path)]}
        )

    async def press(self, key: str) -> None:
        await self._act({"type": "key", "id": "keyboard", "actions": _strokes(KEYS.get(key, key))})

    async def evaluate(self, function: str, argument: Any = None) -> Any:
        # Through JSON: BiDi's own encoding of values is typed, and nested ones come back as pairs.
        wrapped = f"async (text) => JSON.stringify(await ({function})(JSON.parse(text)) ?? null)"
        return json.loads(await self._call(wrapped, {"type": "string", "value": json.dumps(argument)}))

    async def _call(self, function: str, argument: dict[str, Any]) -> Any:
        answer = await self._command(
            "script.callFunction",
            {
                "functionDeclaration": function,
                "awaitPromise": True,
                "target": {"context": self._context},
                "arguments": [argument],
            },
        )
        if answer["type"] != "success":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    async def add_init_script(self, script: str) -> None:
        await self._command("script.addPreloadScript", {"functionDeclaration": f"() => {{ {script} }}"})

    async def resize(self, width_px: int, height_px: int) -> None:
        await self._command(
            "browsingContext.setViewport",
            {"context": self._context, "viewport": {"width": width_px, "height": height_px}},
        )

    async def screenshot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shot = await self._command("browsingContext.captureScreenshot", {"context": self._context})
        path.write_bytes(base64.b64decode(shot["data"]))

    async def problems(self) -> list[str]:
        return list(self._problems)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._socket.close()
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _strokes(character: str) -> list[dict[str, str]]:
    return [{"type": "keyDown", "value": character}, {"type": "keyUp", "value": character}]


async def _listening_address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", line.decode(errors="replace"))
        if found:
            return found[1]
    raise FirefoxError("Firefox ended before it listened.")


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Read on, or Firefox stops as soon as the pipe is full."""
    assert process.stderr is not None
    while await process.stderr.read(65536):
        continue
