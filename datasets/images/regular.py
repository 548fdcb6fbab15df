"""Files that are only ever read: opening one never blocks on a pipe, a device or a folder."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_KINDS = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))


def open_regular(path: Path | str, *, follow: bool = True) -> BufferedReader:
    """A regular file, opened for reading. Without `follow` a symbolic link is refused.

    Raises OSError, with an explanation for anything but a regular file.
    """
    return os.fdopen(_descriptor(path, follow)[0], "rb")


def read_regular(path: Path | str, most: int) -> tuple[bytes, int]:
    """All of a regular file and its size, without its content where it has more than `most` bytes. Raises OSError."""
    descriptor, size = _descriptor(path, follow=True)
    try:
        if size > most:
            return b"", size
        parts, left = [], size
        while left and (part := os.read(descriptor, left)):
            parts.append(part)
            left -= len(part)
        return b"".join(parts), size
    finally:
        os.close(descriptor)


def _descriptor(path: Path | str, follow: bool) -> tuple[int, int]:
    """A regular file, opened for reading, and its size."""
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except ValueError as wrong:  # a NUL in the name
        raise OSError(errno.EINVAL, str(wrong), str(path)) from wrong
    except OSError as wrong:
        if wrong.errno == errno.ELOOP and not follow:
            raise OSError(errno.ELOOP, "expected a file, found a link in its place", str(path)) from wrong
        if wrong.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "expected a regular file, found a socket", str(path)) from wrong
        raise
    status = os.fstat(descriptor)
    mode = status.st_mode
    if stat.S_ISREG(mode):
        return descriptor, status.st_size
    os.close(descriptor)
    kind = next((name for told, name in _KINDS if told(mode)), "a device")
    raise OSError(errno.EINVAL, f"expected a regular file, found {kind}", str(path))
