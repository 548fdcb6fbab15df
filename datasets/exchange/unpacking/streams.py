"""Compressed files as streams of what they hold."""

import bz2
import gzip
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from datasets.errors import FormatError
from datasets.images.regular import open_regular

BROKEN = (EOFError, OSError, ValueError, lzma.LZMAError)
_MOST_MEMORY = 512 << 20  # bytes that lzma may take


@contextmanager
def decompressed(path: Path) -> Iterator[BinaryIO]:
    """A file as it is, or what is compressed in it (gzip, bz2, xz). Raises OSError."""
    with open_regular(path) as raw:
        head = raw.read(6)
        raw.seek(0)
        if head.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=raw) as stream:
                yield cast(BinaryIO, stream)
        elif head.startswith(b"BZh"):
            with bz2.BZ2File(raw) as stream:
                yield cast(BinaryIO, stream)
        elif head == b"\xfd7zXZ\x00":
            with lzma.LZMAFile(raw) as stream:
                yield cast(BinaryIO, stream)
        else:
            yield raw


def broken(path: Path, error: object) -> FormatError:
    """The error that a packed file cannot be read to its end."""
    return FormatError(
        f"{path}: expected a whole archive, found one that is broken or not complete ({error}); download it again, or "
        "unpack it by hand and import the folder"
    )
