"""Why a server did not start, in words."""

import json
import subprocess
from pathlib import Path

import pytest

from datasets.errors import DatabaseError, DatasetsError, DiskFull, NotWritable
from datasets.storage.mongod import Mongod
from datasets.storage.mongod_log import complaints, not_started

SERVER = Mongod(Path("/bin/mongod"), "6.0.5")


def line(severity: str, message: str, **about: object) -> str:
    return json.dumps({"s": severity, "msg": message, "attr": about}) + "\n"


def why(folder: Path, code: int = 1, said: str = "") -> DatasetsError:
    done = subprocess.CompletedProcess(["mongod"], code, "", said)
    return not_started(folder, folder / "mongod.log", SERVER, done)


def test_only_errors_of_the_last_start_are_told(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    log.write_text(
        line("E", "old trouble") + line("I", "***** SERVER RESTARTED *****") + line("W", "a warning")
        + line("E", "Failed to open", error="EMFILE") + "cut"
    )  # fmt: skip
    assert complaints(log) == 'Failed to open: "EMFILE"'
    assert complaints(tmp_path / "none") == ""


def test_of_a_long_log_the_end_is_read(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    log.write_text(line("E", "first") + line("I", "x" * 200) * 1000 + line("E", "last"))
    assert complaints(log) == "last: {}"


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("No space left on device", DiskFull, "found the disk full"),
        ("Read-only file system", NotWritable, "mongod cannot write there"),
        ("Data is newer: mongodb://me:secret@host/", DatabaseError, "exit status 1: Data is newer"),
        ("", DatabaseError, "it left no word"),
    ],
)
def test_each_reason_has_its_error(tmp_path: Path, said: str, kind: type[DatasetsError], words: str) -> None:
    told = why(tmp_path, said=said)
    assert type(told) is kind and words in str(told) and "secret" not in str(told)


def test_a_server_that_was_killed_is_told_by_its_signal(tmp_path: Path) -> None:
    assert "found signal 9" in str(why(tmp_path, -9, "gone"))
