"""Health, figures, the description of the API, the web client's page, and what every answer carries."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from support.contract import client
from support.people import Person
from support.server import Salon

from salon.platform.pages import WebClient


@pytest.fixture
async def http(salon: Salon) -> AsyncIterator[httpx.AsyncClient]:
    async with client(salon.url) as one:
        yield one


class TestHealth:
    async def test_health(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/health")
        assert answer.status_code == 200
        body = answer.json()
        assert (body["status"], body["service"]) == ("ok", "salon")
        assert {"time", "timestamp", "active_sessions", "connected_clients", "active_rooms"} <= set(body)

    @pytest.mark.parametrize("service", ["users", "meetings", "media"])
    async def test_health_under_the_api(self, http: httpx.AsyncClient, service: str) -> None:
        assert (await http.get(f"/api/v1/{service}/health")).json()["status"] == "ok"

    async def test_status(self, http: httpx.AsyncClient) -> None:
        body = (await http.get("/status")).json()
        assert body["service"] == "media-service"
        assert isinstance(body["timestamp"], int)
        assert isinstance(body["uptime"], int)
        assert body["version"]


class TestMetrics:
    async def test_the_names_dashboards_use(self, http: httpx.AsyncClient) -> None:
        await http.get("/health")
        text = (await http.get("/metrics")).text
        for name in (
            "http_requests_total{",
            "http_request_duration_seconds_bucket{",
            "active_users_total{",
            "active_meetings_total{",
            "webrtc_connections_total{",
            "db_connections_active{",
            "db_connections_idle{",
            "memory_usage_bytes{",
            "cpu_usage_percent{",
            "service_health_status{",
            "service_uptime_seconds{",
        ):
            lines = [line for line in text.splitlines() if line.startswith(name)]
            assert lines, name
            assert all('service="' in line for line in lines), name

    async def test_figures_move_and_hold_no_ids(self, http: httpx.AsyncClient, salon: Salon) -> None:
        pattern = re.compile(
            r'http_requests_total\{endpoint="/api/v1/meetings/\{meeting_id\}",method="GET",'
            r'service="meeting",status_code="401"\} (\d+)'
        )

        async def count() -> int:
            found = pattern.search((await http.get("/metrics")).text)
            return int(found[1]) if found else 0

        before = await count()
        await http.get("/api/v1/meetings/4711")
        assert await count() == before + 1
        for number in range(3):
            await http.get(f"/api/made-up-{number}")
        text = (await http.get("/metrics")).text
        assert "made-up" not in text
        assert "/4711" not in text

    async def test_people_in_meetings_are_counted(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon()
        host = await Person.register(own.url, "host")
        tab = await host.enter(await host.create_meeting())
        text = (await host.http.get("/metrics")).text
        assert 'active_users_total{service="user"} 1.0' in text
        assert 'active_meetings_total{service="meeting"} 1.0' in text
        health = (await host.http.get("/health")).json()
        assert (health["active_sessions"], health["connected_clients"], health["active_rooms"]) == (1, 1, 1)
        await tab.close()
        await host.http.aclose()

    async def test_they_can_be_kept_to_this_machine(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon(metrics_public=False)
        async with client(own.url) as http:
            assert (await http.get("/metrics")).status_code == 200
            from_afar = {"X-Forwarded-For": "198.51.100.7"}
            assert (await http.get("/metrics", headers=from_afar)).status_code == 403


class TestDescription:
    async def test_the_page_that_shows_it_loads_nothing_from_elsewhere(self, http: httpx.AsyncClient) -> None:
        page = await http.get("/docs")
        assert page.status_code == 200
        assert "text/html" in page.headers["content-type"]
        for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            assert path.startswith("/")
            assert (await http.get(path)).status_code == 200
        assert "<script>" not in page.text
        assert (await http.get("/docs/docs.js")).headers["content-type"].startswith("text/javascript")


class TestAnswers:
    async def test_a_request_id_is_repeated_only_if_sent(self, http: httpx.AsyncClient) -> None:
        assert "request_id" not in (await http.get("/api/v1/csrf-token")).json()
        for name in ("X-Request-ID", "Request-ID"):
            answer = await http.get("/api/v1/csrf-token", headers={name: "abc-1"})
            assert answer.json()["request_id"] == answer.headers["x-request-id"] == "abc-1"
        refused = await http.get("/api/v1/nothing", headers={"X-Request-ID": "abc-2"})
        assert refused.json()["request_id"] == "abc-2"

    async def test_an_id_that_is_none_is_not_repeated(self, salon: Salon) -> None:
        async with httpx.AsyncClient(base_url=salon.url) as plain:
            for bad in ("x" * 200, "with space", "ü".encode("latin-1")):
                answer = await plain.get("/api/v1/csrf-token", headers={"X-Request-ID": bad})
                assert "request_id" not in answer.json()

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("path", ["/api", "/api/v1/nothing", "/api/v1/speech/x", "/admin/nothing"])
    async def test_unknown_paths_of_the_api_are_404(
        self, http: httpx.AsyncClient, method: str, path: str
    ) -> None:
        assert (await http.request(method, path)).status_code == 404

    async def test_a_wrong_method_is_405(self, http: httpx.AsyncClient) -> None:
        answer = await http.put("/api/v1/auth/login", json={})
        assert (answer.status_code, "POST" in answer.headers["allow"]) == (405, True)

    async def test_too_much_is_refused_while_reading(self, http: httpx.AsyncClient) -> None:
        async def endless() -> AsyncIterator[bytes]:
            for _ in range(40):
                yield b" " * 65_536

        declared = await http.post("/api/v1/auth/login", content=b" " * (2 * 1024 * 1024))
        assert declared.status_code == 413
        assert (await http.post("/api/v1/auth/login", content=endless())).status_code == 413

    async def test_foreign_pages_are_let_in_by_the_list_only(self, make_salon: Callable[..., Salon]) -> None:
        friend = "https://intranet.example.org"
        own = make_salon(cors_origins=(friend,))
        ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-csrf-token"}
        async with client(own.url) as http:
            allowed = await http.options("/api/v1/auth/login", headers={"Origin": friend, **ask})
            assert allowed.status_code == 204
            assert allowed.headers["access-control-allow-origin"] == friend
            assert allowed.headers["access-control-allow-credentials"] == "true"
            assert allowed.headers["access-control-max-age"] == "86400"
            other = await http.options(
                "/api/v1/auth/login", headers={"Origin": "https://evil.example", **ask}
            )
            assert "access-control-allow-origin" not in other.headers

    async def test_cookie_borne_writes_come_from_own_pages(self, salon: Salon) -> None:
        host = await Person.register(salon.url, "host")
        meeting = await host.create_meeting()
        host.http.cookies.set("access_token", host.token)
        path = f"/api/v1/meetings/{meeting}/join"
        for foreign in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            assert (await host.http.post(path, headers=foreign)).status_code == 403, foreign
        for own in ({"Origin": salon.url}, {"Sec-Fetch-Site": "same-origin"}, {}):
            assert (await host.http.post(path, headers=own)).status_code == 200, own
        await host.http.aclose()


class TestPage:
    async def test_pages_are_guarded(self, http: httpx.AsyncClient, salon: Salon) -> None:
        headers = (await http.get("/")).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert f"connect-src 'self' ws://127.0.0.1:{salon.port} wss://127.0.0.1:{salon.port};" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "camera=(self)" in headers["permissions-policy"]
        assert "referrer-policy" in headers

    async def test_files_pages_and_nothing_else(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("outside")
        root = tmp_path / "web_dist"
        (root / "assets").mkdir(parents=True)
        (root / ".vite").mkdir()
        (root / ".vite" / "manifest.json").write_text("{}")
        (root / "index.html").write_text("<!doctype html><title>Page</title>")
        (root / "assets" / "a-1234.js").write_text("export {};" * 100)
        transport = httpx.ASGITransport(WebClient(root))  # type: ignore[arg-type]  # an ASGI application
        async with httpx.AsyncClient(transport=transport, base_url="http://salon.test") as http:
            script = await http.get("/assets/a-1234.js")
            assert script.text.startswith("export")
            assert script.headers["content-type"].startswith("text/javascript")
            assert "immutable" in script.headers["cache-control"]
            assert script.headers["content-encoding"] == "gzip"
            for path in ("/", "/meetings/7", "/../secret", "/..%2fsecret", "/.vite/manifest.json", "/%00"):
                page = await http.get(path)
                assert "Page" in page.text, path
                assert page.headers["cache-control"] == "no-cache"
            (root / "index.html").write_text("<!doctype html><title>Newer</title>")
            assert "Newer" in (await http.get("/")).text

    async def test_without_a_build_it_says_what_to_do(self, tmp_path: Path) -> None:
        transport = httpx.ASGITransport(WebClient(tmp_path))  # type: ignore[arg-type]  # an ASGI application
        async with httpx.AsyncClient(transport=transport, base_url="http://salon.test") as http:
            answer = await http.get("/")
            assert (answer.status_code, "make web" in answer.text) == (503, True)
