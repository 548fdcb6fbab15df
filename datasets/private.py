"""Files and folders that only their owner may access: made so, repaired, or refused with an explanation."""

import logging
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from datasets.errors import WorkspaceError

OTHERS = stat.S_IRWXG | stat.S_IRWXO
log = logging.getLogger(__name__)


def folder(path: Path) -> None:
    """Make a folder that only we may enter; one that others may enter is closed to them, with a warning.

    Raises WorkspaceError where it cannot be made or belongs to someone else.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        about = path.stat()
        if about.st_uid != os.geteuid():
            raise WorkspaceError(path, "a folder of your own", f"one of {_user(about.st_uid)}", "name another folder")
        if about.st_mode & stat.S_ISVTX:
            raise WorkspaceError(path, "a folder for this alone", "one that all users share", "name one inside it")
        if about.st_mode & OTHERS:
            path.chmod(0o700)
            log.warning("%s could be entered by other users; it is yours alone now (mode 0700)", path)
    except OSError as error:
        found = error.strerror or str(error)
        raise WorkspaceError(path, "a folder that can be made and closed to others", found, "name another") from error


def read(path: Path) -> bytes | None:
    """The content of a file of ours; None if there is none.

    Raises WorkspaceError for a link, or a file that belongs to someone else or that others can read or change.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WorkspaceError(path, "a file", error.strerror or str(error), "remove it") from error
    try:
        _check(path, os.fstat(descriptor))
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, atomically: a reader sees the former content or all of the new one."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _keep(path.parent)


def _check(path: Path, about: os.stat_result) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise WorkspaceError(path, "a plain file", "something else", "remove it")
    if about.st_uid != os.geteuid():
        raise WorkspaceError(path, "a file of your own", f"one of {_user(about.st_uid)}", "remove it")
    if about.st_mode & OTHERS:
        found = f"mode {stat.S_IMODE(about.st_mode):04o}"
        raise WorkspaceError(path, "a file for you alone (mode 0600)", found, "`chmod 600` it, if no one read it")


def _keep(parent: Path) -> None:
    """Sync a folder, so that new names in it survive a power cut."""
    with suppress(OSError):  # some file systems cannot
        descriptor = os.open(parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _user(number: int) -> str:
    import pwd

    try:
        return f"user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"user {number}"
