"""Faults of the outside in words, with real ones wherever this machine lets us make them."""

import errno
import json
import sqlite3
import time
import zipfile
from pathlib import Path

import pytest
import yaml
from bson.errors import InvalidDocument
from pymongo.errors import AutoReconnect, BulkWriteError, InvalidURI, OperationFailure, ServerSelectionTimeoutError

from datasets import faults
from datasets.errors import (
    BadValue,
    DatabaseError,
    DatabaseUnreachable,
    DatasetsError,
    DiskFull,
    FileFault,
    NotWritable,
)
from datasets.redacting import redacted
from datasets.storage import database
from tests.small_disk import mounted

DUMP = (
    "host:1: refused (configured timeouts: socketTimeoutMS: 20000.0ms), Timeout: 30s, Topology Description: <Topo...>"
)


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFull, "free some space"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DiskFull, "free some space"),
        (sqlite3.OperationalError("database or disk is full"), DiskFull, "free some space"),
        (OperationFailure("out of disk", 14031), DiskFull, "free some space"),
        (BulkWriteError({"writeErrors": [{"code": 14031, "errmsg": "x"}]}), DiskFull, "free some space"),
        (RuntimeError("Os { code: 28, kind: StorageFull }"), DiskFull, "free some space"),
        (OSError(errno.EROFS, "Read-only file system", "/home/a"), NotWritable, "/home/a .* read-only disk"),
        (PermissionError(errno.EACCES, "Permission denied", "/home/a"), NotWritable, "/home/a .* no permission"),
        (sqlite3.OperationalError("attempt to write a readonly database"), NotWritable, "writable"),
        (sqlite3.OperationalError("unable to open database file"), NotWritable, "writable"),
        (sqlite3.OperationalError("database is locked"), FileFault, "locked .* try again"),
        (sqlite3.DatabaseError("file is not a database"), FileFault, "restore it from a backup"),
        (sqlite3.DatabaseError("database disk image is malformed"), FileFault, "restore it from a backup"),
        (OSError(errno.EMFILE, "Too many open files"), FileFault, "ulimit"),
        (OSError(errno.EIO, "Input/output error", "/a"), FileFault, "disk fails"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/a/b"), FileFault, "/a/b, found nothing there"),
        (OSError(errno.ENAMETOOLONG, "File name too long"), BadValue, "name of a file"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/a"), FileFault, "/a, found a folder"),
        (OSError(errno.ENOTEMPTY, "Directory not empty", "/a"), FileFault, "empty it"),
        (OSError(errno.ENODEV, "No such device", "/a/b"), FileFault, "/a/b, found no such device"),
        (json.JSONDecodeError("Expecting value", "x", 0), FileFault, "Expecting value: line 1"),
        (UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "invalid start byte"), FileFault, "invalid start byte"),
        (zipfile.BadZipFile("File is not a zip file"), FileFault, "not a zip file"),
        (yaml.YAMLError("expected a mapping"), FileFault, "expected a mapping"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 300), BadValue, "name of a file"),
        (ServerSelectionTimeoutError(DUMP), DatabaseUnreachable, "host:1: refused; run"),
        (AutoReconnect("connection closed"), DatabaseUnreachable, "connection closed"),
        (OperationFailure("auth failed", 18), DatabaseError, "lets this user in"),
        (OperationFailure("bad regex", 51091), BadValue, "bad regex"),
        (InvalidURI("Port must be an integer"), DatabaseError, "percent-encode"),
        (InvalidDocument("documents must have only string keys"), BadValue, "change them"),
        (OverflowError("MongoDB can only handle up to 8-byte ints"), BadValue, "8-byte"),
        (ValueError("embedded null byte"), BadValue, "null"),
        (RecursionError("maximum recursion depth exceeded"), BadValue, "recursion"),
    ],
)
def test_each_fault_is_told(error: Exception, kind: type[DatasetsError], word: str) -> None:
    found = faults.told(error)
    assert type(found) is kind
    assert found.__cause__ is error
    with pytest.raises(kind, match=rf"expected .* found.*; .*|{word}"):
        raise found
    with pytest.raises(kind, match=word):
        raise found


@pytest.mark.parametrize(
    "error", [KeyError("a"), ValueError("no"), TypeError(), ConnectionResetError(), ZeroDivisionError()]
)
def test_a_mistake_of_ours_is_no_fault_of_the_outside(error: Exception) -> None:
    assert faults.told(error) is None
    with pytest.raises(type(error)), faults.in_words():
        raise error


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wanted in (tmp_path / "file", tmp_path / "file" / "below" / "deep"):
        told = rf"expected a folder, found the file {tmp_path}/file; move it away"
        with pytest.raises(FileFault, match=told), faults.in_words():
            wanted.mkdir(parents=True, exist_ok=True)


def test_no_topology_and_no_password_is_told() -> None:
    found = str(faults.told(ServerSelectionTimeoutError(f"mongodb://me:hidden@{DUMP}")))
    assert "Topology" not in found and "hidden" not in found and "configured" not in found


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("at mongodb://me:se%40cret@host/db now", "at mongodb://***@host/db now"),
        ("mongodb+srv://me:secret@a.b.c/?x=1", "mongodb+srv://***@a.b.c/?x=1"),
        ("https://me:secret@mlflow.example/api", "https://***@mlflow.example/api"),
        ("postgresql://h/db?user=me&password=secret&x=1", "postgresql://h/db?user=me&password=***&x=1"),
        ("mongodb://h/?tlsCertificateKeyFilePassword=secret", "mongodb://h/?tlsCertificateKeyFilePassword=***"),
        ("http://127.0.0.1:8501/?token=abc", "http://127.0.0.1:8501/?token=abc"),  # an address of our own, to be opened
        ("sqlite:////home/me@work/x.sqlite", "sqlite:////home/me@work/x.sqlite"),
        ("write to me@example.com", "write to me@example.com"),
    ],
)
def test_passwords_are_taken_out_of_addresses(text: str, kept: str) -> None:
    assert redacted(text) == kept


def test_a_known_password_is_taken_out_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", "mongodb://me:hid%2Fden@host:1/")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "tok-12345")
    assert redacted("hid%2Fden or hid/den or tok-12345") == "*** or *** or ***"


def test_a_server_that_is_down_is_told_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", "mongodb://me:topsecret@127.0.0.1:9/")
    monkeypatch.delenv("FOVEAL_DATABASE_URI", raising=False)
    since = time.monotonic()
    with pytest.raises(DatabaseUnreachable, match="FIFTYONE_DATABASE_URI") as told:
        database.connect()
    assert time.monotonic() - since < 10, "pymongo's own patience is 30 s"
    assert "topsecret" not in str(told.value) and "Topology" not in str(told.value)
    since = time.monotonic()
    with pytest.raises(DatabaseUnreachable):
        database.connect()
    assert time.monotonic() - since < 1, "it was asked again at once"


@pytest.mark.parametrize("uri", ["mongodb://me:a@b@c:d/", "mongodb://", "mongodb://[::1", "mongodb://h:99999/"])
def test_an_address_that_is_none_is_told(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", uri)
    monkeypatch.delenv("FOVEAL_DATABASE_URI", raising=False)
    with pytest.raises(DatabaseError, match="expected a MongoDB server at"):
        database.connect()
    assert database.status().error


# --- a disk of four megabytes, and one that is read-only


def test_sqlite_on_a_full_disk(tmp_path: Path) -> None:
    said = mounted(
        tmp_path,
        "size=4m",
        """
        from datasets import faults
        from datasets.errors import DiskFull
        from datasets.workspace import Workspace
        from pipelines.jobs import ledger
        with ledger.opened(Workspace(disk)) as db:
            full()
            try:
                with faults.in_words():
                    for n in range(10_000):
                        ledger.insert(db, f"r{n}", ["x" * 1000], name="n", kind="train", task="t")
            except DiskFull as error:
                print(error)
        """,
    )
    assert "found it full" in said and "free some space" in said


def test_verbs_on_a_full_disk_end_in_a_line(tmp_path: Path) -> None:
    said = mounted(
        tmp_path,
        "size=4m",
        """
        from app.cli.main import main
        full()
        print(main(["jobs"]), main(["doctor"]), main(["datasets"]))
        """,
    )
    assert said.splitlines()[-1] == "1 1 1" and "Traceback" not in said
    assert "ERROR    workspace: expected room on the disk, found it full" in said
    assert "-> free some space there" in said


def test_verbs_on_a_read_only_home_end_in_a_line(tmp_path: Path) -> None:
    said = mounted(
        tmp_path,
        "ro",
        """
        from app.cli.main import main
        print(main(["jobs"]), main(["doctor"]), main(["datasets"]))
        """,
    )
    assert said.splitlines()[-1] == "1 1 1" and "Traceback" not in said
    assert "ERROR    workspace: expected" in said and "read-only disk" in said and "mounted anew" in said


def test_the_server_of_a_full_disk_is_told(tmp_path: Path) -> None:
    said = mounted(
        tmp_path,
        "size=4m",
        """
        from datasets.storage import database
        from datasets.errors import DatasetsError
        full()
        try:
            database.ensure()
        except DatasetsError as error:
            print(type(error).__name__, error)
        """,
    )
    assert said.startswith("DiskFull expected room") and "free some space" in said and '{"t":' not in said


@pytest.mark.slow
def test_tags_on_a_disk_that_fills_up_are_kept_or_refused(tmp_path: Path) -> None:
    said = mounted(
        tmp_path,
        "size=420m",
        """
        import signal, time
        from starlette.applications import Starlette
        from starlette.testclient import TestClient
        from app.api.routes import routes
        from datasets.storage import collection, database, store
        from datasets.workspace import settle
        settle()
        store.create("kept", {})
        ids = [collection.sample_document(f"/m/{n}.jpg")["_id"] for n in range(400)]
        collection.samples("kept").insert_many([{"_id": one, "filepath": f"/m/{one}", "tags": []} for one in ids])
        full()
        client, acknowledged = TestClient(Starlette(routes=routes())), []
        for n in range(4000):
            some = [str(one) for one in ids[n % 400 : n % 400 + 100]]
            answer = client.post("/api/tags", json={"dataset": "kept", "ids": some, "tag": f"{n}-" + "x" * 90})
            if answer.status_code != 200:
                break
            acknowledged += [(one, n) for one in some]
        print(answer.status_code, answer.json())
        (disk / "ballast").unlink()
        pid = database.status().pid
        if pid:
            os.kill(pid, signal.SIGKILL)  # and the server is killed on top of it
            while database.status().pid:
                time.sleep(0.05)
        database.revive()
        kept = {str(one["_id"]): one["tags"] for one in collection.samples("kept").find()}
        found = {(one, int(tag.split("-")[0])) for one, tags in kept.items() for tag in tags}
        print(len(acknowledged) > 0, len(kept), sorted(set(acknowledged) - found))
        database.stop()
        """,
    )
    lines = said.splitlines()
    assert lines[0].startswith("507") and "free some space" in lines[0], said
    assert lines[1] == "True 400 []"
