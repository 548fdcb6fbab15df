"""Faults of the environment (disk, files, SQLite, MongoDB) as our own errors: expected, found, what to do.

The one place that reads errno, SQLite's messages, what parsers raise, and pymongo's exceptions. Pages, routes, verbs
and jobs use `told`.
"""

import errno
import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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

FREE_SPACE = "free some space there, or set FOVEAL_HOME to a folder on a larger disk, then try again"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
GONE = {errno.ENOENT, errno.ESTALE}
IN_THE_WAY = {errno.EEXIST, errno.ENOTDIR}
FULL_WORDS = re.compile(r"no space left on device|disk is full|StorageFull|OutOfDiskSpace|disk quota exceeded", re.I)
_WRITES = (
    "make it writable for this user (a disk mounted read-only is mounted anew), or set FOVEAL_HOME to another folder"
)
_TRY_DOCTOR = "run `python -m app doctor`"
_DISK_CODE, _LOGIN_CODES = 14031, {13, 18, 8000}
_MANY = (FileFault, "to open a file", "too many open already", "raise the limit (`ulimit -n 65536`), then try again")
_NAME = (BadValue, "the name of a file", "one that no file has", "correct it")
_FILES: dict[int, tuple[type[DatasetsError], str, str, str]] = {
    **dict.fromkeys(GONE, (FileFault, "", "nothing there", "it was moved or deleted: put it back, or reload")),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), _MANY),
    **dict.fromkeys((errno.ENAMETOOLONG, errno.ELOOP), _NAME),
    errno.EIO: (FileFault, "", "that its disk fails", "look into the log of the system"),
    errno.EISDIR: (FileFault, "", "a folder in place of the file", "move it away, or name another file"),
    errno.ENOTEMPTY: (FileFault, "", "a folder that holds something", "empty it, or name another folder"),
    errno.EBUSY: (FileFault, "", "that another program holds it", "end that, then try again"),
    errno.ETXTBSY: (FileFault, "", "that another program holds it", "end that, then try again"),
}
_QUERY_CODES = {2, 9, 14, 15, 40, 52, 56, 57, 10334}  # BadValue, FailedToParse, TypeMismatch ... too large a document
_ODD = (UnicodeEncodeError, OverflowError, RecursionError)
# What parsers raise for a file that is cut off or of another kind, by module: those not loaded raised nothing.
_BROKEN = {
    "yaml": "YAMLError", "zipfile": "BadZipFile", "tarfile": "TarError", "zlib": "error", "lzma": "LZMAError",
    "gzip": "BadGzipFile", "tomllib": "TOMLDecodeError", "PIL": "UnidentifiedImageError", "pyarrow": "ArrowInvalid",
}  # fmt: skip


def told(error: BaseException) -> DatasetsError | None:
    """The error in our words; our own errors unchanged; None for a bug, which is no fault of the environment."""
    if isinstance(error, DatasetsError):
        return error
    readers = (_of_disk, _of_file, _of_sqlite, _of_database, _of_content, _of_value)
    found = next((made for reader in readers if (made := reader(error))), None)
    if found is not None:
        found.__cause__ = error
    return found


@contextmanager
def in_words() -> Iterator[None]:
    """Raise our own error in place of a fault of the environment; other errors pass through."""
    try:
        yield
    except Exception as error:
        found = told(error)
        if found is None or found is error:
            raise
        raise found from error


def is_full(error: BaseException | None) -> bool:
    """Whether an error was caused by a full disk: by its errno, or by the message of libraries that keep none."""
    for _ in range(10):
        if error is None:
            return False
        if isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in FULL):
            return True
        if _code(error) == _DISK_CODE or FULL_WORDS.search(str(error)):
            return True
        error = error.__cause__ or error.__context__
    return False


def _of_disk(error: BaseException) -> DatasetsError | None:
    if not is_full(error):
        return None
    return DiskFull(f"expected room on the disk, found it full ({short(error)}); {FREE_SPACE}")


def _of_file(error: BaseException) -> DatasetsError | None:
    if not isinstance(error, OSError) or error.errno is None or isinstance(error, (ConnectionError, TimeoutError)):
        return None
    name = redacted(str(error.filename or "a file"))
    if error.errno in FORBIDDEN:
        why = "a read-only disk" if error.errno == errno.EROFS else "no permission"
        return NotWritable(f"expected {name} to be open to this user, found {why}; {_WRITES}")
    if error.filename is None and error.errno in GONE | IN_THE_WAY:
        return None
    if error.errno in IN_THE_WAY:
        return FileFault(f"expected a folder, found {_in_the_way(name)}; move it away, or name another folder")
    other = (FileFault, "", str(error.strerror).lower(), "look at it, then try again") if error.filename else None
    kind, expected, found, action = _FILES.get(error.errno, other) or (None, "", "", "")
    return kind(f"expected {expected or name}, found {found}; {action}") if kind else None


def _in_the_way(name: str) -> str:
    """What stands where a folder should be: the last part of a path that exists."""
    at = next((one for one in (Path(name), *Path(name).parents) if os.path.lexists(one)), Path(name))
    return f"something else at {at}" if at.is_dir() else f"the file {at}"


def _of_content(error: BaseException) -> DatasetsError | None:
    named = tuple(getattr(sys.modules[key], name) for key, name in _BROKEN.items() if key in sys.modules)
    if not isinstance(error, (*named, json.JSONDecodeError, UnicodeDecodeError)):
        return None
    return FileFault(f"expected files that are whole and can be read, found: {short(error)}; put the file right")


def _of_sqlite(error: BaseException) -> DatasetsError | None:
    if not isinstance(error, sqlite3.Error):
        return None
    said = str(error)
    if "readonly" in said or "unable to open" in said:
        return NotWritable(f"expected the workspace's SQLite files to be writable, found: {said}; {_WRITES}")
    if "locked" in said or "busy" in said:
        return FileFault(
            f"expected the job queue to answer, found it {said} for long; end what holds it, then try again"
        )
    if "malformed" in said or "not a database" in said:
        lost = "restore it from a backup, or move jobs.sqlite away: run folders stay"
        return FileFault(f"expected a whole SQLite file, found: {said}; {lost}")
    return FileFault(f"expected SQLite to read and write, found: {said}; {_TRY_DOCTOR}")


def _of_database(error: BaseException) -> DatasetsError | None:
    errors = sys.modules.get("pymongo.errors")  # not loaded: then no error is one of its
    if errors is None or not isinstance(error, (errors.PyMongoError, sys.modules["bson.errors"].BSONError)):
        return None
    if isinstance(error, (errors.ConnectionFailure, errors.ExecutionTimeout)):
        return DatabaseUnreachable(f"expected the database to answer, found: {short(error)}; {_TRY_DOCTOR}")
    if isinstance(error, errors.ConfigurationError):
        right = "correct FIFTYONE_DATABASE_URI; percent-encode special letters in its user name and password"
        return DatabaseError(f"expected the address of a MongoDB server, found: {short(error)}; {right}")
    if _code(error) in _LOGIN_CODES:
        right = "give this user the role readWrite, or name another in FIFTYONE_DATABASE_URI"
        return DatabaseError(f"expected a database that lets this user in, found: {short(error)}; {right}")
    if isinstance(error, errors.OperationFailure) and not _of_the_query(_code(error)):
        return DatabaseError(f"expected the database to do as it was asked, found: {short(error)}; {_TRY_DOCTOR}")
    return BadValue(f"expected values that the database can hold or look for, found: {short(error)}; change them")


def _of_value(error: BaseException) -> DatasetsError | None:
    said = str(error)
    odd = isinstance(error, ValueError) and ("null byte" in said or "null character" in said or "4300 digits" in said)
    if not odd and not isinstance(error, _ODD):
        return None
    return BadValue(f"expected text and numbers of usual size, found: {short(error)}; correct the request")


def _of_the_query(code: int | None) -> bool:
    """Whether the server rejects the query itself; codes from 16000 on are locations in its parser."""
    return code is not None and (code in _QUERY_CODES or code >= 16000)


def _code(error: BaseException) -> int | None:
    """MongoDB's code of an error; of a bulk write, that of its first error."""
    details = getattr(error, "details", None)
    written = (details or {}).get("writeErrors") if isinstance(details, dict) else None
    code = written[0].get("code") if written else getattr(error, "code", None)
    return code if isinstance(code, int) else None


def short(error: BaseException, most: int = 300) -> str:
    """The message of an error in one line, without pymongo's dump of the topology and without passwords."""
    said = redacted(str(error).strip() or type(error).__name__)
    said = re.split(r",? ?\(?configured timeouts|, Timeout: |, Topology Description|, full error: ", said)[0]
    said = said.splitlines()[0].rstrip(" ,;.")
    return said if len(said) <= most else f"{said[:most]} ..."
