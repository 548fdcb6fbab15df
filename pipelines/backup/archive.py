"""The file of a backup: a plain tar of regular files, whose last member lists the size and SHA-256 of all others.

Reading trusts nothing: only regular files, only names below two known folders, no name twice, every size and hash as
listed, and all of it is checked before the first byte is written anywhere. Without compression nothing can swell.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pipelines.errors import BackupError

FORMAT = 1
LIST = "manifest.json"
FOLDERS = ("database", "files")
LARGEST_LIST = 256 << 20  # bytes
LONGEST_NAME = 1024
_CHUNK = 1 << 20

Read = Callable[[int], bytes]


def _silent(_done: int) -> None:
    pass


@dataclass
class Writer:
    """Adds members and remembers what they were. `told` is called with the bytes written so far."""

    file: IO[bytes]
    told: Callable[[int], None] = _silent
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    _done: int = 0

    def __post_init__(self) -> None:
        self._tar = tarfile.open(  # noqa: SIM115  closed by `close`
            fileobj=self.file, mode="w", format=tarfile.PAX_FORMAT
        )

    def add(self, name: str, data: bytes) -> None:
        """Add bytes under a name."""
        self._add(name, len(data), io.BytesIO(data))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file as it is now; of one that grows meanwhile its present length. Raises BackupError if it shrinks."""
        with path.open("rb") as source:
            self._add(name, path.stat().st_size, source)

    def mark(self) -> tuple[int, set[str]]:
        """A place to go back to with `rewind`."""
        return self._tar.offset, set(self.members)

    def rewind(self, mark: tuple[int, set[str]]) -> None:
        """Forget all that was added since the mark."""
        offset, names = mark
        self.file.seek(offset)
        self.file.truncate()
        self._tar.offset = offset
        self._done -= sum(one["size"] for name, one in self.members.items() if name not in names)
        self.members = {name: one for name, one in self.members.items() if name in names}

    def close(self, about: dict[str, Any]) -> None:
        """End the archive with its list. `about` is what else the list says."""
        self._add(LIST, 0, io.BytesIO(), json.dumps({"format": FORMAT, **about, "members": self.members}).encode())
        self._tar.close()

    def _add(self, name: str, size: int, source: IO[bytes], whole: bytes | None = None) -> None:
        about = tarfile.TarInfo(name)
        about.size, about.mode = size if whole is None else len(whole), 0o600
        counted = _Counted(source if whole is None else io.BytesIO(whole), about.size)
        try:
            self._tar.addfile(about, counted)
        except OSError as wrong:
            if counted.left and wrong.errno is None:  # tarfile's own word for a source that is too short
                raise BackupError(
                    f"expected {name} to stay as it is while it is saved, found it cut; try again"
                ) from wrong
            raise
        self._tar.members = []  # type: ignore[attr-defined]  # it would keep a record of each
        if whole is None:
            self.members[name] = {"size": size, "sha256": counted.digest.hexdigest()}
        self._done += about.size
        self.told(self._done)


class _Counted(io.RawIOBase):
    """Reads so many bytes of a source and hashes them."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        super().__init__()
        self.source, self.left, self.digest = source, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        try:
            data = self.source.read(self.left if size < 0 else min(size, self.left))
        except tarfile.TarError as wrong:
            raise BackupError(f"expected a whole backup, found it cut ({wrong}); take another copy of it") from wrong
        self.left -= len(data)
        self.digest.update(data)
        return data


def check(path: Path, told: Callable[[int], None] = _silent) -> dict[str, Any]:
    """The list of an archive, after every member was compared with it. Raises BackupError; writes nothing."""
    found: dict[str, dict[str, Any]] = {}
    listed: dict[str, Any] | None = None
    for name, size, source in _walk(path):
        if listed is not None:
            raise _bad(path, f"{name} behind its list")
        if name == LIST:
            listed = _list(path, _Counted(source, min(size, LARGEST_LIST + 1)).read())
            continue
        found[name] = {"size": size, "sha256": _hash(_Counted(source, size))}
        told(sum(one["size"] for one in found.values()) if len(found) % 50 == 0 else 0)
    if listed is None:
        raise _bad(path, "no list of its content: it was cut, or is no backup")
    if listed["members"] != found:
        odd = sorted(
            name for name in found.keys() | listed["members"].keys() if found.get(name) != listed["members"].get(name)
        )
        raise _bad(path, f"{len(odd)} members unlike its list, first {odd[0]!r}")
    return listed


def read(path: Path, listed: dict[str, Any]) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each member, to be read to its end in this order. Raises BackupError if one has changed."""
    for name, size, source in _walk(path):
        if name == LIST:
            return
        counted = _Counted(source, size)
        yield name, counted  # type: ignore[misc]  # a reader of bytes is all that is asked for
        if listed["members"].get(name, {}).get("sha256") != _hash(counted):
            raise _bad(path, f"{name!r} changed since it was checked")


def _walk(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    seen: set[str] = set()
    try:
        with tarfile.open(path, mode="r:") as tar:
            for member in tar:
                tar.members = []  # type: ignore[attr-defined]  # it would keep a record of each
                if not member.isreg() or member.issparse():
                    raise _bad(path, f"{member.name!r}, which is no plain file")
                if member.name in seen or not _is_plain(member.name):
                    raise _bad(path, f"the name {member.name[:200]!r}")
                seen.add(member.name)
                source = tar.extractfile(member)
                assert source is not None
                yield member.name, member.size, source
    except (tarfile.TarError, EOFError, UnicodeError, ValueError, OverflowError, RecursionError) as wrong:
        raise _bad(path, f"no tar that can be read ({wrong})") from wrong


def _is_plain(name: str) -> bool:
    if name == LIST:
        return True
    parts = PurePosixPath(name).parts
    odd = not name.isprintable() or "\\" in name or len(name) > LONGEST_NAME or name != "/".join(parts)
    return not odd and len(parts) > 1 and parts[0] in FOLDERS and not {"..", "."} & set(parts)


def _list(path: Path, text: bytes) -> dict[str, Any]:
    if len(text) > LARGEST_LIST:
        raise _bad(path, "a list that is too long")
    try:
        listed = json.loads(text)
        known = isinstance(listed["members"], dict) and isinstance(listed["home"], str)
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        raise _bad(path, "a list that cannot be read") from wrong
    if listed.get("format") != FORMAT or not known:
        made = f"format {listed.get('format')!r} of version {str(listed.get('version'))[:40]!r}"
        raise BackupError(
            f"expected a backup of format {FORMAT}, found {made}; restore it with the version that made it"
        )
    return dict(listed)


def _hash(source: _Counted) -> str:
    while source.read(_CHUNK):
        pass
    return source.digest.hexdigest()


def _bad(path: Path, found: str) -> BackupError:
    return BackupError(f"expected {path} to be a whole backup made by `backup`, found {found}; take another copy of it")
