"""A detector of synthetic voices behind the Open Inference Protocol, whose score the test chooses."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

MODEL = "voice"


class DetectorServer:
    """Answers with `score`, and remembers in `heard_s` how much sound it was shown each time."""

    def __init__(self) -> None:
        self.score: Any = 0.1
        self.status = 200
        self.heard_s: list[float] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """What Salon is told."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def settings(self) -> dict[str, Any]:
        """Of `ai`: this detector is the one to be asked."""
        return {"voice_model": "open-inference-voice", "voice_oip_url": self.url}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _infer(self, asked: dict[str, Any]) -> dict[str, Any]:
        (audio,) = asked["inputs"]
        assert (audio["name"], audio["datatype"]) == ("audio", "FP32")
        assert audio["shape"] == [1, len(audio["data"])]
        assert max(map(abs, audio["data"])) <= 1
        self.heard_s.append(len(audio["data"]) / 16_000)
        score = {"name": "score", "shape": [1], "datatype": "FP32", "data": [self.score]}
        return {"model_name": MODEL, "outputs": [score]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        detector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                is_there = self.path == f"/v2/models/{MODEL}/ready"
                self._send(200 if is_there else 404, {"ready": is_there})

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path != f"/v2/models/{MODEL}/infer":
                    self._send(404, {})
                elif detector.status != 200:
                    self._send(detector.status, {"error": "out of order"})
                else:
                    self._send(200, detector._infer(asked))

            def _send(self, status: int, body: dict[str, Any]) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        return Handler
