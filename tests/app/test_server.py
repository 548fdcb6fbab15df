"""The server as a process: what it lets in, how it is told where it is, and what it refuses to start with."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from streamlit.web.server.app_discovery import discover_asgi_app

from app.access import launch
from datasets.workspace import Workspace
from tests.helpers import ROOT

WORD = "correct horse"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Served:
    """A server that other machines could reach, by TLS where openssl can make a certificate."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.log = home, folder / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.tls = certificate(folder)
        word = folder / "word"
        word.write_text(WORD)
        word.chmod(0o600)
        words = [*("--host", "0.0.0.0", "--port", str(self.port), "--password-file", str(word)), *self.tls]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "-m", "app", "serve", *words], cwd=ROOT, stderr=out)
        until = time.monotonic() + 90
        while not launch.running(home) and time.monotonic() < until and self.process.poll() is None:
            time.sleep(0.1)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> http.client.HTTPResponse:
        at, deadline = ("127.0.0.1", self.port), 30
        insecure = ssl._create_unverified_context()
        made = http.client.HTTPSConnection(*at, timeout=deadline, context=insecure) if self.tls else None
        connection = made or http.client.HTTPConnection(*at, timeout=deadline)
        connection.request(method, path, body, {"Origin": self.origin, **headers})
        answer = connection.getresponse()
        if answer.status != 101:
            answer.read()
        connection.close()
        return answer

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"


def certificate(folder: Path) -> list[str]:
    if shutil.which("openssl") is None:
        return []
    key, file = folder / "key.pem", folder / "cert.pem"
    made = [
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-keyout",
        str(key),
        "-out",
        str(file),
    ]
    subprocess.run(["openssl", "req", "-x509", *made], check=True, capture_output=True)
    return ["--tls-cert", str(file), "--tls-key", str(key)]


@pytest.fixture(scope="module")
def served(server: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(server.home, tmp_path_factory.mktemp("served"))
    yield made
    made.process.terminate()
    made.process.wait(30)
    (server.home / "password").unlink()
    assert launch.running(server.home) == []


def test_another_process_gets_nothing_but_health(served: Served) -> None:
    assert served.ask("GET", "/_stcore/health").status == 200
    for path in ("/", "/browse", "/_stcore/host-config", "/media/x", "/api/page", "/fo/", "/api/tags"):
        assert served.ask("GET", path).status == 403, path
    assert served.ask("GET", "/_stcore/stream", **UPGRADE).status == 403
    assert served.ask("PUT", "/_stcore/upload_file/a/b", "x").status == 403
    assert served.ask("POST", "/api/tags", "{}").status == 403


def test_the_password_lets_in(served: Served) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert served.ask("POST", "/access", urlencode({"password": "wrong"}), **form).status == 403
    answer = served.ask("POST", "/access", urlencode({"password": WORD, "next": "/jobs"}), **form)
    assert (answer.status, answer.headers["location"]) == (303, "/jobs")
    assert ("; Secure" in answer.headers["set-cookie"]) is bool(served.tls)
    lets_in(served, answer.headers["set-cookie"])


def test_the_address_lets_in_and_is_told_again(served: Served) -> None:
    (address,) = launch.running(served.home)
    assert address.startswith(f"{served.origin}/?token=")
    answer = served.ask("GET", address.removeprefix(served.origin))
    assert (answer.status, answer.headers["location"]) == (303, "/")
    lets_in(served, answer.headers["set-cookie"])
    command = [sys.executable, "-m", "app", "serve", "--address"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == address


def lets_in(served: Served, cookie: str) -> None:
    mine = {"Cookie": cookie.partition(";")[0]}
    assert served.ask("GET", "/", **mine).status == 200
    assert served.ask("GET", "/_stcore/stream", **UPGRADE, **mine).status == 101
    foreign = {**UPGRADE, **mine, "Origin": "http://evil.example"}
    assert served.ask("GET", "/_stcore/stream", **foreign).status == 403
    assert served.ask("GET", "/", **mine, Host="evil.example").status == 403
    assert served.ask("PUT", "/_stcore/upload_file/a/b", "x", **mine).status == 403
    assert served.ask("POST", "/api/tags", "{}", **mine).status == 403


def test_the_token_is_printed_once_and_warned_of(served: Served) -> None:
    (address,) = launch.running(served.home)
    log = served.log.read_text()
    assert log.count(address.rpartition("=")[2]) == 1
    assert "other machines can reach this server" in log
    assert ("--tls-cert" in log) is not bool(served.tls)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--host", "0.0.0.0"], 1, r"expected a password, for 0\.0\.0\.0 can be reached by other machines, found none"),
        (["--tls-cert", "none.pem"], 1, "expected --tls-cert and --tls-key, found one of them"),
        (["--tls-cert", "none.pem", "--tls-key", "none.pem"], 1, "expected a certificate"),
        (["--address"], 3, "no server runs on"),
    ],
)
def test_what_cannot_be_served_is_said_in_words(workspace: Workspace, words: list[str], code: int, told: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "FOVEAL_PASSWORD"}
    command = [sys.executable, "-m", "app", "serve", *words]
    quiet = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    ended = subprocess.run(command, cwd=ROOT, env=env, check=False, **quiet)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert re.search(told, ended.stderr) and "Traceback" not in ended.stderr


def test_streamlit_run_finds_the_guarded_app() -> None:
    assert discover_asgi_app(ROOT / "streamlit_app.py").is_asgi_app
