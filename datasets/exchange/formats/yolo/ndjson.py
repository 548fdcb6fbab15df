"""Ultralytics NDJSON: a line about the dataset, then one for each image with its labels (Ultralytics docs, datasets).

`{"type": "dataset", "task": "detect", "class_names": {"0": "cat"}}`, then `{"type": "image", "file": "a.jpg", "split":
"train", "width": 64, "height": 48, "url": "...", "annotations": {"boxes": [[0, 0.5, 0.5, 0.2, 0.2]]}}`. Rows are those
of YOLO label files under `boxes`, `segments`, `obb` or `pose`; `classification` is a list of class numbers. Images are
looked for beside the file: nothing is fetched from the web.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import finite, json_of, read_head, read_text
from datasets.exchange.formats.tools.readonly import refuse
from datasets.exchange.formats.yolo import classlists
from datasets.exchange.formats.yolo.layout import Layout
from datasets.exchange.formats.yolo.reading import Reader
from datasets.exchange.formats.yolo.rows import Row
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS
from datasets.records import Finding, ImageRecord, Label, Progress, first_paths, no_progress

NAME = "ndjson"
TITLE = "Ultralytics NDJSON"
ACCEPTS = ()
_SUFFIXES = (".ndjson", ".jsonl")
_OBJECTS = ("boxes", "segments", "obb", "pose")
_KEYS = (*_OBJECTS, "classification")


def sniff(path: Path) -> Sniff:
    """A file whose first line describes a dataset with images, or a folder with one such file."""
    found = _files(path)
    return Sniff(0.92, f"the file {found[0].name}") if len(found) == 1 else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """Every image of the file that is there. Raises FormatError when it is no such file, or for one with depths."""
    found = _files(path)
    if len(found) != 1:
        listed = ", ".join(one.name for one in found) or "none"
        raise FormatError(f"{path}: expected one file of Ultralytics NDJSON, found {listed}; name the one to import")
    reader = _File(found[0], bounds or Bounds.of(path), Findings())
    return reader.read(progress)


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    refuse(TITLE)


def _files(path: Path) -> list[Path]:
    inside = [path] if path.is_file() else list(tree.listing(path).files)
    return [one for one in inside if one.suffix.lower() in _SUFFIXES and _describes(one)]


def _describes(path: Path) -> bool:
    first = read_head(path).lstrip()[:4096]
    return first.startswith("{") and '"type"' in first and '"dataset"' in first


@dataclass
class _File:
    """One file while it is read."""

    path: Path
    bounds: Bounds
    findings: Findings
    absent: list[str] = field(default_factory=list)

    def read(self, progress: Progress) -> Source:
        """The source that it describes."""
        lines = self._lines()
        about = next(lines, {})
        if about.get("type") != "dataset":
            raise FormatError(f"{self.path}: expected a first line of the type dataset, found {str(about)[:80]}")
        if about.get("task") == "depth":
            raise FormatError(
                f"{self.path}: expected boxes, polygons, points or classes, found depths, which aren't read"
            )
        names = classlists.of_yaml({"names": about.get("class_names")}, self.path, self.findings)
        images = [entry for entry in lines if entry.get("type") != "dataset"]
        placed: list[tuple[Path, Mapping[str, Any]]] = []
        for number, entry in enumerate(images):
            progress(number, 0)
            image = self._image(entry, about)
            if image is not None:
                placed.append((image, entry))
        self._tell_absent(len(placed))
        if about.get("task") == "classify":
            return self._classes(placed, names or {})
        return self._objects(placed, names, about.get("kpt_shape"))

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        for number, line in enumerate(read_text(self.path).splitlines(), 1):
            if not line.strip():
                continue
            try:
                found = json_of(line, f"{self.path}:{number}")
            except FormatError as error:
                self.findings.warn("bad_line", f"{self.path}:{number}", "a line of json", str(error), "it is left out")
                continue
            if isinstance(found, dict):
                yield found

    def _image(self, entry: Mapping[str, Any], about: Mapping[str, Any]) -> Path | None:
        name, split = str(entry.get("file") or ""), str(entry.get("split") or "")
        top = self.path.parent / str(about.get("path") or ".").replace("\\", "/").lstrip("/")
        folders = [top / "images" / split, top / split, top / "images", top, self.path.parent]
        folders = [folder for folder in folders if self.bounds.holds(folder)]
        found = self.bounds.seek(name, folders) if name else None
        if found is None:
            self.absent.append(str(entry.get("url") or name))
        return found

    def _tell_absent(self, found: int) -> None:
        if self.absent:
            tell = self.findings.warn if found else self.findings.error
            said = f"{len(self.absent):,} that are not there, as {self.absent[0][:120]}"
            tell("missing_image", self.path, "images beside the file", said,
                 "nothing is fetched from the web: download them into a folder beside it",
                 count=len(self.absent), paths=first_paths(self.absent))  # fmt: skip

    def _objects(
        self, placed: Sequence[tuple[Path, Mapping[str, Any]]], names: classlists.Names | None, shape: object
    ) -> Source:
        two = shape if isinstance(shape, list) and len(shape) == 2 else None
        points = int(two[0]) * int(two[1]) if two and all(isinstance(one, int) for one in two) else None
        images = [(image, files.split_of(str(entry.get("split") or ""))) for image, entry in placed]
        reader = Reader(Layout(images, {image: image for image, _ in images}, names, points=points), self.findings)
        for image, entry in placed:
            reader.add(image, self._rows(image, entry))
        reader.decide(self.path)
        records = tuple(
            ImageRecord(files.resolved(image), split, *_size(entry), objects=reader.labels(image))
            for (image, split), (_, entry) in zip(images, placed, strict=True)
        )
        reader.tell(self.path)
        return Source(records, reader.classes, DETECTIONS, self.findings.all())

    def _rows(self, image: Path, entry: Mapping[str, Any]) -> list[Row]:
        found = entry.get("annotations")
        held = found if isinstance(found, dict) else {}
        kind = next((key for key in ("segments", "pose", "obb", "boxes") if held.get(key)), None)
        made: list[Row] = []
        for number, row in enumerate(held.get(kind) or () if kind else (), 1):
            values = [finite(one) for one in row] if isinstance(row, list) else []
            known = [one for one in values if one is not None]
            if len(known) < 5 or len(known) < len(values):
                where, shown = f"{image}: {kind} {number}", repr(row)[:60]
                self.findings.warn("bad_row", where, "a class and 4 or more numbers", shown, "it is left out")
                continue
            made.append(Row(number, known[0], "", array("d", known[1:])))
        unknown = [key for key in held if held[key] and key not in _KEYS]
        for key in unknown:
            self.findings.note("unread_key", image, f"one of {', '.join(_OBJECTS)}", key, "it is not read")
        return made

    def _classes(self, placed: Sequence[tuple[Path, Mapping[str, Any]]], names: classlists.Names) -> Source:
        records = []
        for image, entry in placed:
            found = entry.get("annotations")
            numbers = found.get("classification") or [] if isinstance(found, dict) else []
            labels = tuple(self._class(number, names, image) for number in numbers if isinstance(numbers, list))
            kept = tuple(label for label in labels if label is not None)
            split = files.split_of(str(entry.get("split") or ""))
            records.append(ImageRecord(files.resolved(image), split, *_size(entry), classifications=kept))
        single = all(len(record.classifications) < 2 for record in records)
        if single:
            records = [
                ImageRecord(
                    one.path, one.split, one.width, one.height, classification=next(iter(one.classifications), None)
                )
                for one in records
            ]
        kind = CLASSIFICATION if single else CLASSIFICATIONS
        return Source(tuple(records), tuple(dict.fromkeys(names.values())), kind, self.findings.all())

    def _class(self, number: object, names: classlists.Names, image: Path) -> Label | None:
        if isinstance(number, int) and number in names:
            return Label(names[number])
        expected = f"a class from {min(names, default=0)} to {max(names, default=0)}"
        self.findings.warn("unknown_class", image, expected, repr(number)[:40], "it is left out")
        return None


def _size(entry: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Width and height in pixels, as declared; None for both where one is missing."""
    width, height = entry.get("width"), entry.get("height")
    return (
        (width, height) if isinstance(width, int) and isinstance(height, int) and width * height > 0 else (None, None)
    )
