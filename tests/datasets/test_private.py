"""Files and folders that are their owner's alone."""

import os
from pathlib import Path

import pytest

from datasets import private
from datasets.errors import WorkspaceError
from datasets.workspace import Workspace


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_home_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    assert mode(Workspace(tmp_path / "a" / "b").create().home) == 0o700


@pytest.mark.parametrize("before", [0o755, 0o777, 0o750, 0o701])
def test_a_home_that_others_may_enter_is_closed_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, before: int
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(before)
    Workspace(home).create()
    assert mode(home) == 0o700
    assert "could be entered by other users" in caplog.text
    caplog.clear()
    Workspace(home).create()
    assert caplog.text == ""


def test_a_home_of_someone_else_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_001)
    with pytest.raises(WorkspaceError, match=r"expected a folder of your own, found one of user \w+"):
        Workspace(tmp_path).create()


def test_a_folder_that_all_share_is_never_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    with pytest.raises(WorkspaceError, match="all users share"):
        Workspace(tmp_path).create()
    assert mode(tmp_path) == 0o777


def test_a_home_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(WorkspaceError, match="expected a folder"):
        Workspace(tmp_path / "home").create()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret"
    private.write(file, b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        private.write(file, b"after, and longer")
    assert private.read(file) == b"before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_written_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    private.write(tmp_path / "secret", b"x")
    assert mode(tmp_path / "secret") == 0o600


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_can_read_is_refused_in_words(tmp_path: Path, open_to: int) -> None:
    file = tmp_path / "secret"
    private.write(file, b"x")
    file.chmod(open_to)
    with pytest.raises(WorkspaceError, match=f"found mode {open_to:04o}"):
        private.read(file)


def test_no_link_pipe_or_folder_is_read(tmp_path: Path) -> None:
    private.write(tmp_path / "real", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(WorkspaceError):
            private.read(tmp_path / name)


def test_a_file_of_someone_else_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private.write(tmp_path / "secret", b"x")
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_001)
    with pytest.raises(WorkspaceError, match="a file of your own"):
        private.read(tmp_path / "secret")


def test_a_home_whose_name_is_not_utf8_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="expected a folder with a name in UTF-8"):
        Workspace(tmp_path / os.fsdecode(b"caf\xe9")).create()
