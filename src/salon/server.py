"""Runs the application: binds its port, serves until told to stop."""

import asyncio
import gc
import socket
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

GRACE_S = 1
"""How long open requests may take to end after a stop."""

MAX_MESSAGE = 256 * 1024
"""Bytes of one WebSocket message."""


class PortTaken(Exception):
    """The address cannot be listened on; the text says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that waits for connections.

    Raises:
        PortTaken: something else has the port, or the address is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            # After a crash the port is free at once.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError:
            listener.close()
            raise
    except OSError as fault:
        raise PortTaken(
            f"Salon cannot listen on {host}:{port} ({fault.strerror or fault}). "
            "Stop what uses that port, or choose another one with SALON_PORT (and SALON_HOST)."
        ) from fault
    return listener


class _SoleServer(uvicorn.Server):
    """Has the process to itself."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What the program itself is made of stays until the end. Each time the collector looked through it
        # again, every request and every socket waited for up to half a second.
        gc.collect()
        gc.freeze()


def make_server(app: FastAPI, kind: type[uvicorn.Server] = uvicorn.Server) -> uvicorn.Server:
    """A server for the application, not yet running."""
    return kind(
        uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE,
            # A socket without a pong for 60 s is lost: a ping 30 s after the last one, and 30 s to answer it.
            ws_ping_interval=30,
            ws_ping_timeout=30,
            # Messages are small, and the masked ones that are not are already compressed media descriptions.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=75,
            server_header=False,
            # Its access log would show tokens, which old clients put into addresses.
            access_log=False,
            log_config=None,
            lifespan="on",
        )
    )


def run(app: FastAPI, listener: socket.socket) -> bool:
    """Serve until SIGINT or SIGTERM; tells whether the start succeeded."""
    server = make_server(app, _SoleServer)
    # After a good end uvicorn hands the signal on; Ctrl+C is no fault to be shown.
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))
    return server.started
