"""A real OpenID provider in a process of its own, and a browser's walk through its pages."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from support.contract import hold

FOLDER = Path(__file__).parent.parent / "oidc_provider"
CLIENT_ID = "salon"
CLIENT_SECRET = "a-secret-of-the-tests-only"


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def provider(port: int, redirect_uri: str) -> Iterator[str]:
    """Run the provider; gives its issuer."""
    process = subprocess.Popen(
        ["node", "provider.mjs", str(port), redirect_uri],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "ready":
                break
        else:
            raise AssertionError("the OpenID provider did not start; run `make build` first")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


class Browser:
    """As much of a browser as signing in takes: cookies by host and path, redirects, two forms."""

    def __init__(self, salon_url: str) -> None:
        self.salon_url = salon_url
        self.http = httpx.AsyncClient(timeout=30, event_hooks={"response": [self._hold]})

    async def _hold(self, response: httpx.Response) -> None:
        """What Salon answers is held against the contract; what the provider answers is its own affair."""
        if str(response.request.url).startswith(f"{self.salon_url}/"):
            await hold(response)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def walk(self, url: str, *, login: str) -> httpx.URL:
        """Go to `url`, sign in at the provider as `login`, consent; where Salon sends us in the end."""
        back = await self.walk_to_callback(url, login=login)
        answer = await self.http.get(back)
        assert answer.status_code == 302, answer.text
        return httpx.URL(self.salon_url).join(answer.headers["location"])

    async def walk_to_callback(self, url: str, *, login: str) -> httpx.URL:
        """As `walk`, but stops before the provider's answer reaches Salon; gives its address."""
        answer = await self.http.get(url)
        for _ in range(20):
            if answer.is_redirect:
                target = answer.request.url.join(answer.headers["location"])
                if target.path.endswith("/oidc/callback"):
                    return target
                if str(target).startswith(self.salon_url) and "/api/" not in target.path:
                    raise AssertionError(f"back at Salon too early: {target}")
                answer = await self.http.get(target)
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert form is not None, answer.text[:500]
            assert prompt is not None
            fields = {"prompt": prompt.group(1), "login": login, "password": "anything"}
            answer = await self.http.post(answer.request.url.join(form.group(1)), data=fields)
        raise AssertionError("lost on the way")
