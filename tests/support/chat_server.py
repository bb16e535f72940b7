"""A server of OpenAI's chat completions on a real socket, whose model says what the test wants."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

KEY = "right"
Asked = dict[str, Any]
Answer = tuple[int, str]
"""Status, and body."""


def said(content: str) -> Answer:
    """What a model says, as the protocol wraps it."""
    message = {"role": "assistant", "content": content}
    return 200, json.dumps({"object": "chat.completion", "choices": [{"index": 0, "message": message}]})


def items(*found: dict[str, Any]) -> Answer:
    """Minutes that consist of these items."""
    return said(json.dumps({"items": found}, ensure_ascii=False))


def number_of(asked: Asked, words: str) -> int:
    """The number of the line in which these words are shown to the model."""
    found = re.search(rf"^(\d+) [^\n]*{re.escape(words)}", question_of(asked), re.MULTILINE)
    assert found is not None, question_of(asked)
    return int(found[1])


def question_of(asked: Asked) -> str:
    """What the model is asked, without its rules."""
    return str(asked["messages"][1]["content"])


class ChatServer:
    """Answers as `answer` does, and remembers in `asked` what it was asked. Knows one key."""

    def __init__(self) -> None:
        self.answer: Callable[[Asked], Answer] = lambda asked: items()
        self.asked: list[Asked] = []
        self.hold = threading.Event()
        """While it is not set, nobody gets an answer."""
        self.hold.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """What Salon is told."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        chat = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path != "/v1/chat/completions":
                    self._send(404, "")
                elif self.headers["authorization"] != f"Bearer {KEY}":
                    self._send(401, "")
                else:
                    chat.asked.append(asked)
                    chat.hold.wait(30)
                    self._send(*chat.answer(asked))

            def _send(self, status: int, body: str) -> None:
                content = body.encode()
                try:
                    self.send_response(status)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    pass  # whoever asked did not wait

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called
                pass

        return Handler
