"""Zips, tars and single compressed files, unpacked by what is written, never by what their headers promise.

No links are made and no name leads outside; names of zips that are not UTF-8 are those of MS-DOS (cp437) or Windows.
"""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.unpacking.streams import BROKEN, broken, decompressed
from datasets.exchange.unpacking.writing import LINK, ODD, OUTSIDE, TWICE, Writer
from datasets.images.regular import open_regular

_ENCRYPTED, _UTF8 = 0x1, 0x800  # flags of a zip's members (APPNOTE 4.4.4)
_BROKEN = (*BROKEN, zipfile.BadZipFile, zlib.error, lzma.LZMAError, tarfile.TarError, struct.error)
_BY_HAND = "unpack it by hand (with 7-Zip or unzip) and import the folder"
_TOLD = {
    OUTSIDE: ("archive_outside", "names inside the archive's own folder", "names that lead elsewhere"),
    LINK: ("archive_links", "files and folders", "links and devices"),
    ODD: ("archive_names", "names that a file can have", "others"),
    TWICE: ("archive_twice", "each file once", "files that come again under the same name"),
}


def unpack(path: Path, kind: str, writer: Writer) -> None:
    """Write what an archive holds. Raises FormatError for one that is broken, encrypted or packed in a way that is not
    read, LimitError, DiskFull."""
    before = writer.read
    try:
        {"zip": _zip, "tar": _tar, "compressed": _single}[kind](path, writer)
    except NotImplementedError as error:
        raise FormatError(
            f"{path}: expected an archive as usual programs make them, found {error}; {_BY_HAND}"
        ) from error
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk, not of the archive
            raise
        raise broken(path, error) from error
    writer.read = before + path.stat().st_size


def tell(writer: Writer, path: Path, findings: Findings) -> None:
    """What was left out, as findings."""
    for reason, (code, expected, found) in _TOLD.items():
        count = writer.left[reason]
        if count:
            some = ", ".join(writer.examples[reason][:3])
            findings.warn(code, path, expected, f"{count:,} {found}, as {some}", "they are left out", count=count)


def _zip(path: Path, writer: Writer) -> None:
    with open_regular(path) as stream, zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        if any(one.flag_bits & _ENCRYPTED for one in members):
            raise FormatError(
                f"{path}: expected an archive without a password, found an encrypted one; unpack it with its password "
                "and import the folder"
            )
        for one in members:
            name = _name(one)
            target = None if one.is_dir() or name.endswith(("/", "\\")) else writer.place(name)
            if target is None:
                continue
            if (one.external_attr >> 16) & 0o170000 == 0o120000:
                writer.leave(LINK, name)
                continue
            with archive.open(one) as member:
                writer.write(member, target, name)  # type: ignore[arg-type]
            writer.read += one.compress_size


def _tar(path: Path, writer: Writer) -> None:
    with open_regular(path) as raw, tarfile.open(fileobj=raw, mode="r:*", errors="surrogateescape") as archive:
        before = writer.read
        for one in _members(archive, writer):
            target = writer.place(one.name)
            member = archive.extractfile(one) if target else None
            if target is not None and member is not None:
                with member:
                    writer.write(member, target, one.name)  # type: ignore[arg-type]
            writer.read = before + raw.tell()
            _forget(archive)


def _members(archive: tarfile.TarFile, writer: Writer) -> Iterator[tarfile.TarInfo]:
    while (one := archive.next()) is not None:
        if one.isreg():
            yield one
        elif not one.isdir():
            writer.leave(LINK, one.name)
            _forget(archive)


def _forget(archive: tarfile.TarFile) -> None:
    """Members that were written are not kept: there may be millions."""
    vars(archive)["members"] = []


def _single(path: Path, writer: Writer) -> None:
    """One compressed file: it gets its name without the last ending."""
    name = path.stem if path.suffix else f"{path.name}.unpacked"
    target = writer.place(name)
    if target is not None:
        with decompressed(path) as stream:
            writer.write(stream, target, name)


def _name(one: zipfile.ZipInfo) -> str:
    """The name of a member: as declared, else UTF-8 where its bytes are that, else of Windows or MS-DOS."""
    name = one.orig_filename.partition("\0")[0]
    if one.flag_bits & _UTF8:
        return name
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    if raw.isascii():
        return name
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        high = [byte for byte in raw if byte >= 0x80]
        return raw.decode("cp1252", "replace") if all(byte >= 0xC0 for byte in high) else name
