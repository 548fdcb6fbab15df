"""Why a mongod did not start, according to its log."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from datasets import faults
from datasets.errors import DatabaseError, DatasetsError, DiskFull, NotWritable
from datasets.redacting import redacted
from datasets.storage.mongod import Mongod

_FORBIDDEN = re.compile(r"read-only file system|permission denied|EACCES|EROFS", re.IGNORECASE)
_TAIL = 65536  # bytes
_LEAST = 1 << 20  # bytes of free space: with less it may not even log why it ends


def not_started(data: Path, log: Path, mongod: Mongod, done: "subprocess.CompletedProcess[str]") -> DatasetsError:
    """The error to raise: DiskFull, NotWritable, or DatabaseError with what the server complained of."""
    said = complaints(log) or (done.stderr or done.stdout).strip()[-400:]
    if faults.FULL_WORDS.search(said) or shutil.disk_usage(data).free < _LEAST:
        return DiskFull(f"expected room for the database in {data}, found the disk full; {faults.FREE_SPACE}")
    if _FORBIDDEN.search(said):
        right = "make it writable for this user, or set FOVEAL_HOME to another folder"
        return NotWritable(f"expected {data} to be writable, found that mongod cannot write there; {right}")
    code = done.returncode
    end = f"signal {-code}" if code < 0 else f"exit status {code}"
    found = redacted(said) or "it left no word"
    return DatabaseError(f"expected {mongod.path} to start, found {end}: {found}; its whole log: {log}")


def complaints(log: Path) -> str:
    """The errors that the last start wrote, one a line, without warnings."""
    found: list[str] = []
    for line in _tail(log).splitlines():
        try:
            told = json.loads(line)
        except ValueError:  # the first line of a tail is cut
            continue
        if "SERVER RESTARTED" in str(told.get("msg")):
            found = []
        if told.get("s") in ("E", "F"):
            about = told.get("attr") or {}
            found.append(f"{told.get('msg')}: {json.dumps(about.get('error', about))}")
    return "\n".join(found)[:1200]


def _tail(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        return file.read().decode(errors="replace")
