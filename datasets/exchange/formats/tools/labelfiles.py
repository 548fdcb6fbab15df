"""Label files of tools: found by how they begin, read one after another, and brought to their images."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Sniff, Source
from datasets.exchange.formats.common import files, parts, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.jsonlists import read_object
from datasets.exchange.formats.common.partners import Partners
from datasets.exchange.formats.several import gathered
from datasets.exchange.formats.tools.drawing import Drawing
from datasets.images.probe import shown_size
from datasets.images.regular import open_regular
from datasets.labelschema import Schema, SchemaClass
from datasets.records import ImageRecord, Progress

_HEAD, _TAIL = 65_536, 4_096
_MARKS = re.compile(rb"^(?:\xff\xfe|\xfe\xff|\xef\xbb\xbf)")  # of the encoding
_LOOKED = 40  # files that a sniff opens
Size = tuple[int, int]


def found(path: Path, ends: Sequence[str], looks: Callable[[bytes], bool]) -> list[Path]:
    """The files of a path, or the file itself, that end so and begin as `looks` wants it."""
    return [one for one in named(path, ends) if looks(head(one))]


def strange(path: Path, ends: Sequence[str], good: Sequence[Path]) -> list[Path]:
    """Files that should be like the good ones and are not: empty ones beside them, others of the same name."""
    names, folders, known = {one.name for one in good}, {one.parent for one in good}, set(good)
    others = (one for one in named(path, ends) if one not in known)
    return [one for one in others if one.name in names or (one.parent in folders and not head(one).strip())]


def sniffed(
    path: Path, ends: Sequence[str], looks: Callable[[bytes], bool], claim: tuple[float, str], but: Collection[str] = ()
) -> Sniff:
    """A claim (score and reason) on a file, or on a folder of whose first files at least half look right.

    Files with the names in `but` do not count.
    """
    tried = list(islice((one for one in named(path, ends) if one.name.lower() not in but), _LOOKED))
    good = [one for one in tried if looks(head(one))]
    if not good or 2 * len(good) < len(tried):
        return Sniff(0.0)
    first = good[0].relative_to(path) if path.is_dir() else good[0].name
    return Sniff(claim[0], f"{claim[1]}, as {first}")


def head(path: Path) -> bytes:
    """The beginning and the end of a file, as far as they tell what it is; nothing of one that cannot be read."""
    try:
        with open_regular(path) as stream:
            first = stream.read(_HEAD)
            if len(first) == _HEAD:
                stream.seek(max(_HEAD, path.stat().st_size - _TAIL))
                first += stream.read(_TAIL)
            return _MARKS.sub(b"", first).replace(b"\0", b"")
    except OSError:
        return b""


def whole(path: Path, lists: Sequence[str]) -> dict[str, Any]:
    """A json object; what stands in its `lists` comes as lists, also where there is none. Raises FormatError."""
    made: dict[str, Any] = {key: [] for key in lists}

    def take(key: str, entry: object) -> None:
        if key not in made:
            made[key] = entry
        elif isinstance(made[key], list) and key in lists:
            made[key].append(entry)

    read_object(path, take)
    return made


@dataclass
class Sheets:
    """Reads the files of a path that belong to one image each: they end as `ends` and begin as `looks` wants it.

    Those beside them that have the name of an image belong to them, however they begin. `title` names the format.
    Raises FormatError when there is none.
    """

    root: Path
    ends: Sequence[str]
    looks: Callable[[bytes], bool]
    bounds: Bounds
    title: str
    findings: Findings = field(default_factory=Findings)
    renamed: Callable[[str], str] = str  # the stem of an image from that of its label file
    records: list[ImageRecord] = field(default_factory=list)
    labels: list[Path] = field(default_factory=list)
    places: list[Path] = field(default_factory=list)
    sources: list[Path] = field(default_factory=list)

    def __post_init__(self) -> None:
        good = found(self.root, self.ends, self.looks)
        if not good:
            raise FormatError(f"{self.root}: expected files of {self.title}, found none")
        folders, known = {one.parent for one in good}, set(good)
        others = [one for one in named(self.root, self.ends) if one.parent in folders and one not in known]
        every = [*good, *others]
        self._partners = Partners(self.bounds.root, list(map(self._stem, every)), self.bounds.images)
        self.labels = sorted(one for one in every if one in known or self._partners.image(self._stem(one)))

    def _stem(self, label: Path) -> Path:
        """A label file with the stem of its image."""
        return label.with_name(self.renamed(label.stem) + label.suffix)

    def image(self, label: Path, named: str) -> Path | None:
        """The image of a label file: that of its own name, else the one that it names; None when there is none."""
        stem = self._stem(label)
        own = self._partners.image(stem, named)
        if own is not None or self._partners.decided(stem):
            return own
        folders = [label.parent, label.parent / "images", label.parent.parent / "images", self.bounds.root]
        return self.bounds.image(named or stem.stem, [one for one in folders if self.bounds.holds(one)], label)

    def broken(self, label: Path, error: object) -> None:
        """A file that cannot be read is left out, with a finding."""
        self.findings.warn("broken_file", label, f"a file of {self.title}", str(error), "it is left out")

    def drawing(self, label: Path, image: Path, declared: Size | None) -> Drawing | None:
        """Where the labels of an image are put; None, with a finding, for one whose size nobody knows."""
        size = declared or shown_size(image)
        return Drawing(size, str(label), self.findings) if size else None

    def add(
        self, label: Path, image: Path, declared: Size | None, drawn: Drawing | None, split: str | None = None
    ) -> None:
        """One image is read, with what was drawn on it."""
        width, height = declared or (drawn.size if drawn else (None, None))
        others = drawn.others() if drawn else {}
        self.records.append(ImageRecord(files.resolved(image), split, width, height, others=others))
        self.places.append(image)
        self.sources.append(label)

    def source(self, classes: Iterable[str] = (), about: dict[str, str] | None = None) -> Source:
        """All that was read; `classes` in their order go first, others are sorted."""
        self._partners.tell(self.findings)
        places = parts.Places(self.places, self.sources)
        self.records = list(parts.given(self.records, self.bounds.root, self.findings, places))
        return gathered(self.records, schema_of(classes, self.records), self.findings, about or {})


def each(sheets: Sheets, progress: Progress, take: Callable[[Path], None]) -> None:
    """Call take(label) for each label file; one of which it raises FormatError is left out with a finding."""
    for label in sheets.labels:
        progress(len(sheets.records), 0)
        try:
            take(label)
        except FormatError as error:
            sheets.broken(label, error)


def schema_of(classes: Iterable[str], records: Iterable[ImageRecord]) -> Schema:
    """The classes that a source lists, then those that its labels have, sorted."""
    used = sorted({label.label for record in records for some in record.others.values() for label in some})
    return Schema(classes=tuple(SchemaClass(name=name) for name in dict.fromkeys([*classes, *used])))


def named(path: Path, ends: Sequence[str]) -> Iterable[Path]:
    """The files of a path, or the file itself, whose names end so."""
    if path.is_file():
        return [path] if path.name.lower().endswith(tuple(ends)) else []
    suffixes = dict.fromkeys(end[end.rfind(".") :] for end in ends)
    every = (one for suffix in suffixes for one in tree.with_suffix(path, suffix))
    return (one for one in every if one.name.lower().endswith(tuple(ends)))


def declared(width: object, height: object) -> Size | None:
    """A size in pixels as a file declares it; None unless it is two numbers of 1 to a billion."""
    plain = [value for value in (width, height) if isinstance(value, int | float) and not isinstance(value, bool)]
    return (int(plain[0]), int(plain[1])) if len(plain) == 2 and all(1 <= one < 1e9 for one in plain) else None
