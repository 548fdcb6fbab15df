"""kill -9 of the app and of mongod under four clients that save: nothing acknowledged is lost, nothing is there twice.

FOVEAL_KILLS sets how many kills the slow test makes (`make accept KILLS=200`); FOVEAL_SEED repeats their times.
"""

import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from datasets.storage import daemon
from datasets.workspace import Workspace
from tests.helpers import ROOT

KILLS = int(os.environ.get("FOVEAL_KILLS", "40"))
SEED = int(os.environ.get("FOVEAL_SEED", "7"))
CHILD = [sys.executable, "-W", "ignore", "-m", "tests.app.api.saving_server"]
NAME = "shot_at"
SAMPLES = 8


@dataclass
class World:
    """A workspace with a mongod of its own, and the app that serves it."""

    workspace: Workspace
    samples: list[str] = field(default_factory=list)
    port: int = 0
    app: "subprocess.Popen[bytes] | None" = None

    @property
    def env(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("FIFTYONE_", "FOVEAL_"))}
        return {**kept, "FOVEAL_HOME": str(self.workspace.home)}

    def serve(self) -> None:
        """Start the app, and wait until it answers."""
        self.app = subprocess.Popen([*CHILD, str(self.port)], cwd=ROOT, env=self.env)
        until = time.monotonic() + 90
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("expected the app to answer within 90 seconds")

    def kill_app(self) -> None:
        assert self.app is not None
        self.app.send_signal(signal.SIGKILL)
        self.app.wait()
        self.serve()

    def kill_mongod(self) -> None:
        """The app itself starts it again."""
        pid = daemon.running(self.workspace)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def world(server: Workspace) -> Iterator[World]:
    made = World(Workspace(Path(tempfile.mkdtemp(prefix="fvk-"))))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made.port = probe.getsockname()[1]
    done = subprocess.run([*CHILD, "make", NAME, str(SAMPLES)], cwd=ROOT, env=made.env, capture_output=True, text=True,
                          check=True)  # fmt: skip
    made.samples = done.stdout.split()[-SAMPLES:]
    made.serve()
    yield made
    if made.app is not None:
        made.app.kill()
        made.app.wait()
    end = "from datasets.workspace import settle; settle(); from datasets.storage import database; database.stop()"
    subprocess.run([sys.executable, "-W", "ignore", "-c", end], cwd=ROOT, env=made.env, check=False)
    shutil.rmtree(made.workspace.home, ignore_errors=True)


@dataclass
class Client:
    """Saves one label after another, and sends each again until it is acknowledged."""

    world: World
    name: str
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    repeats: int = 0

    def run(self, most: int, stop: threading.Event) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.world.port}", timeout=30) as http:
            for number in range(most):
                if stop.is_set():
                    return
                sample, label = self.world.samples[number % SAMPLES], f"{self.name}-{number}"
                values = {"label": label, "box": [0.1, 0.1, 0.2, 0.2]}
                body = {"operations": [{"id": f"op-{label}", "action": "add", "label": values}]}
                while not self.sent(http, f"/api/labels/{NAME}/{sample}/boxes", body):
                    self.repeats += 1
                    time.sleep(0.05)
                self.acknowledged.append((sample, label))

    def sent(self, http: httpx.Client, address: str, body: object) -> bool:
        try:
            answer = http.post(address, json=body, headers={"If-Match": "*"})
        except httpx.HTTPError:
            return False
        assert answer.status_code == 200 or answer.status_code >= 500, answer.text
        return answer.status_code == 200


def shoot(world: World, kills: int, dice: random.Random) -> None:
    for _ in range(kills):
        time.sleep(dice.uniform(0.2, 1.5))
        (world.kill_app if dice.random() < 0.5 else world.kill_mongod)()


def saved(world: World, kills: int, most: int) -> list[Client]:
    """Four clients save while the app and its database are shot at; then all of it is compared."""
    prefix, stop = f"{secrets.token_hex(4)}-", threading.Event()
    clients = [Client(world, f"{prefix}{number}") for number in range(4)]
    threads = [threading.Thread(target=one.run, args=(most, stop), daemon=True) for one in clients]
    for one in threads:
        one.start()
    if kills:
        shoot(world, kills, random.Random(SEED))
        time.sleep(1)
        stop.set()
    for one in threads:
        one.join(300)
    wanted = sorted(pair for one in clients for pair in one.acknowledged)
    stored, entries = everything(world, prefix)
    assert sorted(stored) == wanted, "an acknowledged label is lost, or one is there twice"
    assert sorted(entries) == sorted(f"op-{label}" for _, label in wanted), "an operation was done twice, or not at all"
    return clients


def everything(world: World, prefix: str) -> tuple[list[tuple[str, str]], list[str]]:
    """All labels whose names begin so, with their samples, and all operations on them in entries that took effect."""
    stored, entries = list[tuple[str, str]](), list[str]()
    with httpx.Client(base_url=f"http://127.0.0.1:{world.port}", timeout=60) as http:
        for sample in world.samples:
            found = http.get(f"/api/labels/{NAME}/{sample}/boxes").json()["labels"]
            stored += [(sample, one["label"]) for one in found if one["label"].startswith(prefix)]
        for sample in world.samples:
            before = 2**31 - 1
            while found := http.get(f"/api/history/{NAME}/{sample}/boxes?most=1000&before={before}").json()["entries"]:
                names = [change["after"]["label"] for one in found for change in one["changes"]]
                entries += [f"op-{name}" for name in names if name.startswith(prefix)]
                before = found[-1]["number"]
    return stored, entries


def test_saves_outlive_kills(world: World) -> None:
    clients = saved(world, kills=3, most=10_000)
    assert sum(len(one.acknowledged) for one in clients) > 3


@pytest.mark.slow
def test_saves_outlive_many_kills(world: World) -> None:
    clients = saved(world, kills=KILLS, most=100_000)
    print(f"{KILLS} kills, {sum(len(one.acknowledged) for one in clients)} saves acknowledged, "
          f"{sum(one.repeats for one in clients)} sent again")  # fmt: skip


@pytest.mark.parametrize("each", [20, pytest.param(250, marks=pytest.mark.slow)])
def test_four_clients_save_at_once(world: World, each: int) -> None:
    began = time.monotonic()
    clients = saved(world, kills=0, most=each)
    assert [len(one.acknowledged) for one in clients] == [each] * 4 and not any(one.repeats for one in clients)
    print(f"{4 * each} saves of four clients: {1000 * (time.monotonic() - began) / (4 * each):.0f} ms each")
