"""The workspace's own server, as a process."""

import os
from pathlib import Path

import pytest

from datasets.errors import DatabaseError, MongodMissing, MongodTooOld
from datasets.storage import address, clients, daemon, mongod
from datasets.workspace import Workspace


def test_the_process_that_runs_is_known_by_its_folder(database: Workspace, workspace: Workspace) -> None:
    pid = daemon.running(database)
    assert pid is not None and os.fsencode(database.database) in Path(f"/proc/{pid}/cmdline").read_bytes()
    workspace.database.mkdir(exist_ok=True)
    lock = workspace.database / "mongod.lock"
    for written in ("", "no number", str(os.getpid()), str(pid)):  # ours is no mongod, and that one has another folder
        lock.write_text(written)
        assert daemon.running(workspace) is None


def test_what_does_not_run_is_not_stopped(workspace: Workspace) -> None:
    workspace.database.mkdir(exist_ok=True)
    called = list[int]()
    assert daemon.stop(workspace, lambda: called.append(1)) is False and not called


def test_data_of_a_newer_server_are_not_opened(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.database.mkdir(exist_ok=True)
    (workspace.database / "version.json").write_text('{"server": "99.0.0"}')
    with pytest.raises(MongodTooOld, match=r"expected mongod 99\.0\.0 or later"):
        daemon.start(workspace)
    (workspace.database / "version.json").write_text("[]")
    with pytest.raises(DatabaseError, match="write the version of the server"):
        daemon.start(workspace)
    monkeypatch.setattr(mongod, "_candidates", lambda ws: [])
    with pytest.raises(MongodMissing):
        daemon.start(workspace)


def test_a_server_runs_with_journal_on_a_socket_of_its_own_user(database: Workspace) -> None:
    pid = daemon.running(database)
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    assert words[words.index("--filePermissions") + 1] == "0600" and "--nojournal" not in words
    assert "zlib" not in words[words.index("--networkMessageCompressors") + 1]
    assert words[words.index("--bind_ip") + 1].endswith(".sock")


@pytest.mark.parametrize("name", ["data [1]: a,b", "{x} %41 \u00fc #1?"])
def test_a_home_may_have_any_name(home: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    here = Workspace(home / name).create()  # short, so that its length is not why the socket lies elsewhere
    for variable in (address.USERS, address.OURS):
        monkeypatch.delenv(variable, raising=False)
    try:
        daemon.start(here)
        assert clients.of(address.ours(here)).admin.command("ping")["ok"] == 1.0
    finally:
        daemon.stop(here, lambda: clients.drop(address.ours(here)))
    assert daemon.running(here) is None
