"""The whole application in a thread of the test process, over real sockets."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from salon import _sfu
from salon.app import create_app
from salon.platform.clock import Clock
from salon.server import listen, make_server
from salon.settings import Settings
from support.postgres import database_for

T = TypeVar("T")
START_S = 30.0


class Salon:
    """One running Salon. `settings` differ from the defaults; ports are free ones, data lies in `folder`."""

    def __init__(
        self, folder: Path, *, clock: Clock | None = None, tools: Any = None, **settings: Any
    ) -> None:
        values: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": 0,
            "udp_port": 0,
            "public_ip": ("127.0.0.1",),
            "data_dir": folder,
            # A suite registers and signs in faster than any office; tests of the limits switch them on.
            "rate_limit": "off",
        }
        if os.environ.get("SALON_TEST_DATABASE") == "postgres":
            values["database_url"] = database_for(folder)
        self.settings = Settings(**(values | settings))
        self._clock = clock
        self._tools = tools
        self.app: FastAPI | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._fault: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.port = self.settings.port

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """The same for WebSockets."""
        return f"ws://127.0.0.1:{self.port}"

    def hidden_paths(self) -> list[str]:
        """Paths of HTTP routes that `/openapi.json` does not tell of."""
        assert self.app is not None
        contexts = list(iter_route_contexts(self.app.routes))
        return [
            str(one.path)
            for one in contexts
            if isinstance(one.original_route, APIRoute) and not one.include_in_schema
        ]

    def start(self) -> Salon:
        """Start, and return when it answers."""
        app = self.app = create_app(self.settings, _sfu, clock=self._clock, tools_of=self._tools)
        listener = listen("127.0.0.1", self.port)
        self.port = listener.getsockname()[1]
        self._server = make_server(app)
        self._thread = threading.Thread(target=self._run, args=(self._server, listener), daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not self._server.started:
            if self._fault is not None or not self._thread.is_alive():
                raise AssertionError("Salon did not start") from self._fault
            assert time.monotonic() < deadline, "Salon did not start in time"
            self._thread.join(0.01)
        return self

    async def inside(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the running server do something now that it would do later by itself."""
        assert self._loop is not None
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def stop(self) -> None:
        """Stop in good order; may come twice."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(START_S)
        assert not self._thread.is_alive(), "Salon did not stop in time"
        self._server = None

    def _run(self, server: uvicorn.Server, listener: socket.socket) -> None:
        try:
            with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
                self._loop = runner.get_loop()
                runner.run(server.serve(sockets=[listener]))
        except BaseException as fault:  # shown by start, in the test's own thread
            self._fault = fault
