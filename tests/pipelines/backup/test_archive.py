"""Files of strangers are no backups: refused as a whole, before anything is written."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasets.errors import FormatError
from datasets.storage import dumping
from datasets.workspace import Workspace
from pipelines.backup import archive, restoring
from pipelines.errors import BackupError

Change = Callable[[tarfile.TarInfo], None]


def made(path: Path, *members: tuple[str, bytes], change: Change | None = None, **about: Any) -> Path:
    """A tar with these members and a list that fits them; `change` spoils the last one."""
    listed = {name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in members}
    text = {"format": archive.FORMAT, "home": "/old", "members": listed, **about}
    with tarfile.open(path, "w") as tar:
        for place, (name, data) in enumerate((*members, (archive.LIST, json.dumps(text).encode()))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if change and place == len(members) - 1:
                change(info)
            tar.addfile(info, io.BytesIO(data))
    return path


def linked(kind: bytes) -> Change:
    def change(info: tarfile.TarInfo) -> None:
        info.type, info.linkname, info.size = kind, "/etc/passwd", 0

    return change


def refused(path: Path, match: str) -> None:
    with pytest.raises(BackupError, match=match):
        archive.check(path)


def test_what_is_whole_is_read(tmp_path: Path) -> None:
    path = made(tmp_path / "a.tar", ("files/runs/r1/job.json", b"{}"), ("database/d/0.bson", b""))
    listed = archive.check(path)
    assert [(name, source.read()) for name, source in archive.read(path, listed)] == [
        ("files/runs/r1/job.json", b"{}"),
        ("database/d/0.bson", b""),
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("../out", "files/../../out", "/etc/cron.d/x", "files//x", "files/./x", "files", "secret", "other/x"),
        *("files/a\\b", "files/a\nb", "files/a\x00b", "files/" + "x" * 2000, "files/x/"),
    ],
)
def test_no_name_leads_out(tmp_path: Path, name: str) -> None:
    refused(made(tmp_path / "a.tar", (name, b"x")), "found ")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_only_plain_files_are_taken(tmp_path: Path, kind: bytes) -> None:
    refused(made(tmp_path / "a.tar", ("files/runs/x", b""), change=linked(kind)), "no plain file")


def test_no_name_comes_twice(tmp_path: Path) -> None:
    refused(made(tmp_path / "a.tar", ("files/runs/x", b"1"), ("files/runs/x", b"2")), "the name 'files/runs/x'")


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    path = made(tmp_path / "a.tar", ("files/runs/x", b"good"))
    path.write_bytes(path.read_bytes().replace(b"good", b"evil"))
    refused(path, "1 members unlike its list, first 'files/runs/x'")


def test_a_byte_that_changes_after_the_check_is_found(tmp_path: Path) -> None:
    path = made(tmp_path / "a.tar", ("files/runs/x", b"good"))
    listed = archive.check(path)
    path.write_bytes(path.read_bytes().replace(b"good", b"evil"))
    with pytest.raises(BackupError, match="changed since it was checked"):
        list(archive.read(path, listed))


@pytest.mark.parametrize("size", [0, 100, 600, 1600, 7000])
def test_a_cut_file_is_found(tmp_path: Path, size: int) -> None:
    path = made(tmp_path / "a.tar", ("files/runs/x", b"x" * 5000), ("files/runs/y", b"y"))
    path.write_bytes(path.read_bytes()[:size])
    refused(path, "expected .* whole backup")


@pytest.mark.parametrize("text", [b"", b"\0" * 5000, b"PK\3\4" + b"x" * 4000, b"\xff" * 4096])
def test_what_is_no_tar_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(text)
    refused(tmp_path / "a.tar", "take another copy")


def test_a_packed_tar_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("files/runs/x")
        info.size = 50 << 20
        tar.addfile(info, io.BytesIO(bytes(info.size)))
    refused(path, "no tar that can be read")


def test_a_later_format_names_the_version(tmp_path: Path) -> None:
    refused(made(tmp_path / "a.tar", format=2, version="9.9"), "format 1, found format 2 of version '9.9'")


@pytest.mark.parametrize("about", [{"members": []}, {"home": 5}])
def test_a_list_of_another_shape_is_refused(tmp_path: Path, about: dict[str, Any]) -> None:
    refused(made(tmp_path / "a.tar", **about), "expected")


@pytest.mark.parametrize(
    "name",
    ["files/secret", "files/bin/x", "files/jobs.sqlite", "files/supervisor.lock", "database/system.users/0.bson"],
)
def test_a_restore_takes_files_of_a_workspace_alone(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, home = made(tmp_path / "a.tar", (name, b"")), Workspace(tmp_path / "home")
    monkeypatch.setattr(restoring, "settle", lambda workspace: workspace)
    monkeypatch.setattr(restoring.database, "ensure", lambda workspace: "")
    monkeypatch.setattr(dumping.database, "connect", dict)
    with pytest.raises((BackupError, FormatError), match="expected"):
        restoring.restore(path, home)
    assert not (home.home / "secret").exists() and not (tmp_path / "home/bin").exists()


@pytest.mark.parametrize("data", [b"\5", b"\xff\xff\xff\x7f", b"\x10\0\0\0abc", b"\0\0\0\0", b"\5\0\0\0\1"])
def test_what_is_no_bson_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match="expected documents as BSON"):
        list(dumping._documents(io.BytesIO(data)))


def test_only_whole_paths_move() -> None:
    move = dumping.mover("/data/home", "/new")
    assert move is not None
    assert move("/data/home/masks/a.png") == "/new/masks/a.png"
    assert move('{"filepath": "/data/home/x"}') == '{"filepath": "/new/x"}'
    assert move("file:///data/home/mlflow") == "file:///new/mlflow"
    for other in ("/data/home2/x", "/my/data/home/x", "x/data/home/y", "/data/homestead"):
        assert move(other) == other
    assert dumping.mover("/a", "/a") is None
