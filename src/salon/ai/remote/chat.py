"""Any server with OpenAI's chat completions (``POST /chat/completions`` below the given address)."""

from typing import Any

import httpx2 as httpx
from pydantic_core import from_json

from salon.ai.remote.client import LARGEST_BYTES, RemoteFailed, headers_of, remote_failures

AT_ONCE = 4
"""Questions to one server; the others wait for a connection."""

CONNECT_S = 10.0

_REFUSED = (400, 422)


class RemoteUnclear(RemoteFailed):
    """The server did answer, but not as its protocol says."""


class ChatModel:
    """One language model on a server elsewhere.

    It sets no limit to how long an answer takes: whoever asks does.
    """

    def __init__(self, url: str, *, model: str, key: str) -> None:
        self.name = model
        self._wishes: dict[str, Any] = {"temperature": 0, "response_format": {"type": "json_object"}}
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers=headers_of(key),
            timeout=httpx.Timeout(None, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=AT_ONCE),
        )

    async def close(self) -> None:
        """Close the connections; safe to call twice."""
        await self._http.aclose()

    async def answer(self, *, rules: str, question: str) -> str:
        """What the model says to a question under these rules, which ask it for JSON.

        Raises:
            RemoteFailed: it says nothing.
            RemoteUnclear: the server answers with something else.
        """
        messages = [{"role": "system", "content": rules}, {"role": "user", "content": question}]
        with remote_failures():
            body = await self._ask({"model": self.name, "messages": messages})
        try:
            content = from_json(body)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError) as fault:
            raise RemoteUnclear("The answer is none of chat completions.") from fault
        if not isinstance(content, str):
            raise RemoteUnclear("There is no text in the answer.")
        return content

    async def _ask(self, request: dict[str, Any]) -> bytes:
        try:
            return await self._post(request | self._wishes)
        except httpx.HTTPStatusError as fault:
            if not self._wishes or fault.response.status_code not in _REFUSED:
                raise
        # Models that reason take no temperature, and some servers no format of answers.
        body = await self._post(request)
        self._wishes = {}
        return body

    async def _post(self, request: dict[str, Any]) -> bytes:
        body = b""
        async with self._http.stream("POST", "/chat/completions", json=request) as answer:
            answer.raise_for_status()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > LARGEST_BYTES:
                    raise RemoteUnclear("The answer is too long to be minutes.")
        return body
