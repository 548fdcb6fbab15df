"""A packed source as a folder: `<home>/unpacked/<hash of its content>/<name>`, made once.

An archive, a file of idx, parquet or Arrow, or a folder that holds little else. Archives in archives are unpacked too.
Several archives are unpacked into one folder where their files go beside one another, else each into one of its own
name.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files, splits
from datasets.exchange.unpacking import archives, columns, idx, kinds, packs
from datasets.exchange.unpacking.tables import LabelTable
from datasets.exchange.unpacking.writing import Writer, alive, remove
from datasets.images.regular import open_regular
from datasets.records import Finding, Progress
from datasets.workspace import Workspace

VERSION = "2"  # of how sources are unpacked: a new one makes new folders
_NESTED = 4  # archives inside one another
_PART = ".part-"
_CHUNK = 1 << 22
_ENDINGS = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip", ".tar", ".gz", ".bz2", ".xz")


def opened(path: Path, progress: Progress, findings: Findings) -> Path:
    """The folder that holds what a source packs; the source itself where it packs nothing.

    Raises FormatError for a kind that is not read, and for what is broken, encrypted or too large.
    """
    packed, beside = packs.packed_of(path, findings)
    if not packed:
        return path
    packs.check(packed)
    progress(0, 1)
    home = Workspace.current().create().unpacked
    home.mkdir(exist_ok=True)
    _sweep(home)
    target = home / _digest([*packed, *beside], path, progress) / _name(path)
    told = target.parent / "told.json"
    if not told.exists():
        _make(path, list(packed), beside, target, progress)
    for one in json.loads(told.read_text(encoding="utf-8")):
        findings.add(Finding(**{**one, "paths": tuple(one["paths"])}))
    return target


def _make(path: Path, packed: list[Path], beside: Sequence[Path], target: Path, progress: Progress) -> None:
    """Unpack into a hidden folder, which gets its name when it is whole."""
    part = target.parent.with_name(f"{_PART}{os.getpid()}-{secrets.token_hex(4)}")
    findings = Findings()
    try:
        root = part / target.name
        root.mkdir(parents=True)
        writer = Writer(root, path, max(1, sum(one.stat().st_size for one in packed)), progress)
        _unpack(packed, writer, findings)
        for file in beside:
            with open_regular(file) as stream:
                writer.write(stream, root / file.relative_to(path), file.name)
        _unpack_nested(writer, findings)
        if not any(root.iterdir()):
            raise FormatError(f"{path}: expected an archive of images and labels, found an empty one")
        archives.tell(writer, path, findings)
        what = "an archive" if len(packed) == 1 else f"{len(packed)} packed files"
        found = f"{what} of {writer.files:,} files, {writer.size / (1 << 20):,.1f} MB"
        findings.note("unpacked", path, "a folder of images and labels", found, f"it was unpacked to {target}")
        told = json.dumps([asdict(one) for one in findings.all()], ensure_ascii=False)
        (part / "told.json").write_text(told, encoding="utf-8", errors="surrogateescape")
        _settle(part, target.parent)
    finally:
        remove(part)


def _settle(part: Path, place: Path) -> None:
    try:
        part.rename(place)
    except OSError:
        if not (place / "told.json").exists():  # else another process was quicker
            remove(place)
            part.rename(place)


def _unpack(packed: Sequence[Path], writer: Writer, findings: Findings) -> None:
    """Unpack files into the folder of the writer."""
    by_kind = {path: kinds.kind_of(path) for path in packed}
    boxes = [path for path in sorted(by_kind) if by_kind[path] in kinds.ARCHIVES]
    for path in boxes:
        _archive(path, str(by_kind[path]), writer, alone=len(packed) == 1)
    table = LabelTable()
    for kinds_, unpack in ((("idx",), idx.unpack), (("parquet", "arrow"), columns.unpack)):
        some = [path for path, kind in by_kind.items() if kind in kinds_]
        if some:
            unpack(some, writer, table, findings)
    table.write(writer)


def _archive(path: Path, kind: str, writer: Writer, *, alone: bool) -> None:
    """Unpack one archive; beside others into a folder of its own, from which it goes up where it is in nobody's way."""
    if alone or kind == "compressed":
        archives.unpack(path, kind, writer)
        return
    top = writer.root
    writer.root = top / f"{_PART}{secrets.token_hex(4)}"
    writer.root.mkdir()
    try:
        archives.unpack(path, kind, writer)
        own, made = writer.root, list(_files(writer.root))
        littered = any(one.is_file() for one in own.iterdir()) and len(made) > 1
        if littered or _is_part(_name(path), own) or any((top / one).exists() for one in made):
            own.rename(_free(top / _name(path)))
            return
        for one in made:
            (top / one).parent.mkdir(parents=True, exist_ok=True)
            (own / one).rename(top / one)
    finally:
        remove(writer.root)
        writer.root = top


def _is_part(name: str, folder: Path) -> bool:
    """Whether an archive is called like a split, and no folder in it is: its name alone says what it holds."""
    return splits.split_of(name) is not None and not any(splits.split_of(one.name) for one in folder.iterdir())


def _unpack_nested(writer: Writer, findings: Findings) -> None:
    """Archives that came out of archives: each is unpacked where it lies, while the folder holds no images."""
    top = writer.root
    for _ in range(_NESTED):
        every = [top / one for one in _files(top)]
        packed = [one for one in every if packs.kind_below(one, alone=True)]
        if sum(files.is_image(one.name) for one in every) >= packs.FEW:
            return
        if not packed:
            return
        packs.check({one: kind for one in packed if (kind := kinds.kind_of(one))})
        for folder in sorted({one.parent for one in packed}):
            writer.root = folder
            some = [one for one in packed if one.parent == folder]
            _unpack(some, writer, findings)
            for one in some:
                one.unlink()
        writer.root = top


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder, relative to it."""
    for at, _, names in os.walk(folder):
        yield from (Path(at, name).relative_to(folder) for name in names)


def _free(path: Path) -> Path:
    number = 1
    while (made := path if number == 1 else path.with_name(f"{path.name}_{number}")).exists():
        number += 1
    return made


def _name(path: Path) -> str:
    """The name of the folder of a source: its own, without the ending of an archive."""
    name = path.name
    ending = next((one for one in _ENDINGS if name.lower().endswith(one)), path.suffix)
    return (name[: -len(ending)] if ending and path.is_file() else name).lstrip(".") or "source"


def _digest(paths: Sequence[Path], source: Path, progress: Progress) -> str:
    """A hash of all that is unpacked or copied, and of the names."""
    made = hashlib.sha256(VERSION.encode())
    for path in sorted(paths):
        relative = path.relative_to(source) if path.is_relative_to(source) and path != source else Path(path.name)
        made.update(os.fsencode(relative) + b"\0" + str(path.stat().st_size).encode() + b"\0")
        with open_regular(path) as stream:
            while chunk := stream.read(_CHUNK):
                made.update(chunk)
                progress(0, 1)
    return made.hexdigest()[:32]


def _sweep(home: Path) -> None:
    """Delete what processes left that were killed."""
    for one in home.glob(f"{_PART}*"):
        number = one.name.removeprefix(_PART).partition("-")[0]
        if number.isdecimal() and not alive(int(number)):
            shutil.rmtree(one, ignore_errors=True)
