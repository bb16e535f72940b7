"""The command line, as a process: what it prints, how it ends."""

import asyncio
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from support.aims import hold
from support.people import PASSWORD, Person
from support.serving import PROGRAM, Environment, Serving, environment_of


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    return environment_of(tmp_path / "data")


def run(env: Environment, *arguments: str) -> tuple[int, str]:
    """Exit code, and what it printed."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        env=env,
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        stdin=subprocess.DEVNULL,
    )
    text = done.stdout + done.stderr
    assert "Traceback" not in text, text
    return done.returncode, text


@pytest.fixture
def serve(env: Environment, tmp_path: Path) -> Iterator[Callable[[], Serving]]:
    started: list[Serving] = []

    def start() -> Serving:
        # Noted before it is waited for: one that does not come up is ended too.
        started.append(Serving(env, tmp_path / "server.log"))
        started[-1].wait_until_it_answers()
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


class TestServe:
    @pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
    async def test_it_says_where_it_is_and_ends_at_once_with_people_inside(
        self, serve: Callable[[], Serving], stop: signal.Signals
    ) -> None:
        server = serve()
        assert f"http://localhost:{server.url.rsplit(':', 1)[1]}" in server.log.read_text()
        host = await Person.register(server.url, "host")
        tab = await host.enter(await host.create_meeting())
        asked = time.monotonic()
        server.process.send_signal(stop)
        await tab.expect_closed(1012)
        code = await asyncio.to_thread(server.process.wait, 10)
        hold("the server has ended", time.monotonic() - asked, aim_s=2)
        assert code in (0, -stop), "a signal that was handed on is how processes end"
        assert "Traceback" not in server.log.read_text()
        await host.http.aclose()

    async def test_killed_it_loses_nothing_it_said_yes_to(
        self, serve: Callable[[], Serving], env: Environment
    ) -> None:
        first = serve()
        host = await Person.register(first.url, "host")
        meeting = await host.create_meeting(title="Kept")
        path = f"/api/v1/meetings/{meeting}/messages"
        assert (await host.request("POST", path, json={"content": "said"})).status_code == 200
        first.process.kill()
        first.process.wait()
        serve()
        answer = await host.request("GET", path)
        assert [message["content"] for message in answer.json()["data"]] == ["said"]
        body = {"username": host.name, "password": PASSWORD}
        assert (await host.http.post("/api/v1/auth/login", json=body)).status_code == 200
        await host.http.aclose()

    def test_its_secrets_and_data_are_its_own(self, serve: Callable[[], Serving], env: Environment) -> None:
        serve()
        folder = Path(env["SALON_DATA_DIR"])
        assert stat.S_IMODE((folder / "keys" / "token.key").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_no_token_reaches_the_log(self, serve: Callable[[], Serving], env: Environment) -> None:
        env["SALON_LOG_LEVEL"] = "debug"
        server = serve()
        httpx.get(f"{server.url}/api/v1/users/profile?token=very-secret-token")
        httpx.get(f"{server.url}/ws/signaling?token=very-secret-token")
        server.process.terminate()
        server.process.wait(10)
        assert "very-secret-token" not in server.log.read_text()

    def test_a_taken_tcp_port(self, env: Environment) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", int(env["SALON_PORT"])))
            other.listen()
            code, text = run(env, "serve")
        assert code == 1
        assert "SALON_PORT" in text

    def test_a_taken_udp_port(self, env: Environment) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("0.0.0.0", int(env["SALON_UDP_PORT"])))  # noqa: S104  (as the engine does)
            code, text = run(env, "serve")
        assert code == 1
        assert "SALON_UDP_PORT" in text

    def test_a_data_folder_that_is_a_file(self, env: Environment, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("in the way")
        code, text = run(env, "serve")
        assert code == 1
        assert "SALON_DATA_DIR" in text

    def test_wrong_settings_stop_the_start(self, env: Environment) -> None:
        code, text = run(env | {"SALON_PORT": "eighty", "SALON_TOKEN_SECRET": "short"}, "serve")
        assert code == 2
        assert "SALON_PORT (it is 'eighty')" in text
        assert "SALON_TOKEN_SECRET: should be 32 bytes or longer" in text


class TestMigrate:
    def test_it_brings_the_database_up_to_date_once(self, env: Environment) -> None:
        code, text = run(env, "migrate")
        assert (code, "from revision nothing to" in text) == (0, True)
        code, text = run(env, "migrate")
        assert (code, "is up to date" in text) == (0, True)

    def test_a_file_that_is_no_database(self, env: Environment) -> None:
        folder = Path(env["SALON_DATA_DIR"])
        folder.mkdir()
        (folder / "salon.db").write_text("this is no database, and long enough to be looked at as one" * 100)
        code, text = run(env, "migrate")
        assert code == 1
        assert "could not be brought up to date" in text


class TestAdmin:
    def test_a_new_one_gets_a_password(self, env: Environment) -> None:
        code, text = run(env, "admin", "create", "boss", "boss@example.org")
        assert code == 0
        assert "Password: " in text
        with sqlite3.connect(Path(env["SALON_DATA_DIR"]) / "salon.db") as db:
            assert db.execute("select username, role from users").fetchall() == [("boss", 3)]

    def test_twice_is_the_same_one(self, env: Environment) -> None:
        run(env, "admin", "create", "boss", "boss@example.org", "--password", PASSWORD)
        code, text = run(env, "admin", "create", "BOSS", "boss@example.org")
        assert (code, "stays as it was" in text) == (0, True)

    @pytest.mark.parametrize(
        "arguments",
        [("b", "boss@example.org"), ("boss", "nobody"), ("boss", "boss@example.org", "--password", "weak")],
    )
    def test_bad_input(self, env: Environment, arguments: tuple[str, ...]) -> None:
        code, _ = run(env, "admin", "create", *arguments)
        assert code == 1

    async def test_it_may_use_what_is_for_administrators(
        self, env: Environment, serve: Callable[[], Serving]
    ) -> None:
        server = serve()
        person = await Person.register(server.url, "soon")
        path = "/admin/cleanup/sessions"
        assert (await person.request("POST", path)).status_code == 403
        email = f"{person.name}@example.org"
        assert (await asyncio.to_thread(run, env, "admin", "create", person.name, email))[0] == 0
        assert (await person.request("POST", path)).status_code == 200
        await person.http.aclose()


class TestDoctor:
    def test_all_is_well(self, env: Environment) -> None:
        code, text = run(env, "doctor")
        assert (code, "Nothing would stop a call." in text) == (0, True), text

    def test_a_running_salon_answers_on_its_media_port(
        self, env: Environment, serve: Callable[[], Serving]
    ) -> None:
        serve()
        code, text = run(env, "doctor")
        assert code == 0, text
        assert "is running at" in text
        assert "Media answers on UDP port" in text

    def test_taken_ports(self, env: Environment) -> None:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", int(env["SALON_PORT"])))
            tcp.listen()
            udp.bind(("0.0.0.0", int(env["SALON_UDP_PORT"])))  # noqa: S104  (as the engine does)
            code, text = run(env, "doctor")
        assert code == 1
        assert "SALON_PORT" in text
        assert "SALON_UDP_PORT" in text

    @pytest.mark.parametrize("wanted", ["true", "false"])
    def test_media_goes_first_as_it_says(
        self, env: Environment, serve: Callable[[], Serving], wanted: str
    ) -> None:
        env["SALON_SFU_REAL_TIME"] = wanted
        _, text = run(env, "doctor")
        server = serve()
        threads = Path(f"/proc/{server.process.pid}/task").iterdir()
        media = [int(one.name) for one in threads if (one / "comm").read_text().startswith("sfu-0")]
        expected = os.SCHED_RR if "Media goes before everything else" in text else os.SCHED_OTHER
        assert [os.sched_getscheduler(one) for one in media] == [expected]
        assert wanted == "true" or expected == os.SCHED_OTHER

    def test_no_cameras_off_localhost_without_tls(self, env: Environment) -> None:
        code, text = run(env | {"SALON_HOST": "0.0.0.0"}, "doctor")  # noqa: S104  (what is warned of)
        assert "https://" in text
        assert code in (0, 1), "a machine without a network has no address to offer"

    def test_a_wrong_clock(self, env: Environment) -> None:
        folder = Path(env["SALON_DATA_DIR"])
        folder.mkdir()
        (folder / "salon.db").touch()
        os.utime(folder / "salon.db", (time.time() + 86_400, time.time() + 86_400))
        code, text = run(env, "doctor")
        assert (code, "clock is wrong" in text) == (1, True)
