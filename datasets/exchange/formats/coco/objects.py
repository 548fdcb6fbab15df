"""COCO json: one file, or a folder with `annotations/instances_<split>.json` and the images beside or below it.

Boxes are `[x, y, width, height]` in pixels, origin top left, edges (not pixel centres), as in the COCO data format.
Polygons and runs cover the pixels that pycocotools gives them.
Class order is the order of `categories`. A file without `categories` of its own images is a result file, not a source.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings, Sniff, Source
from datasets.exchange.formats.coco.writing import write
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.jsonlists import read_object
from datasets.exchange.formats.common.parsing import Twice, class_name, finite
from datasets.exchange.formats.common.shapes import box_of, coco_outline, compact
from datasets.images.probe import shown_size
from datasets.images.regular import open_regular
from datasets.kinds import DETECTIONS
from datasets.records import ImageRecord, Label, Outline, Progress, no_progress

__all__ = ["ACCEPTS", "NAME", "TITLE", "read", "sniff", "write"]

NAME = "coco"
TITLE = "COCO json"
ACCEPTS = (DETECTIONS, None)
_HEAD = 65_536
F = TypeVar("F", bound="File")


def sniff(path: Path) -> Sniff:
    """A json file that begins like COCO, or a folder with such files at its top or in `annotations`."""
    found = _sources(path)
    if any(looks_like_coco(file) for file in found):
        return Sniff(0.95, f"{', '.join(file.name for file in found[:3])} with images and annotations")
    return Sniff(0.3, f"the name of {found[0].name}") if found else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files of the folder; the end of a file name is its split. Raises FormatError if none is good."""
    findings, bounds = Findings(), bounds or Bounds.of(path)
    good = files_of(path, _sources(path), lambda source: File(source, split_of(source), findings), progress)
    classes = tuple(dict.fromkeys(name for file in good for name in file.categories.values()))
    records = tuple(record for file in good for record in file.records(path, findings, bounds))
    return Source(records, classes, DETECTIONS, findings.all())


def files_of(path: Path, sources: Sequence[Path], made: Callable[[Path], F], progress: Progress) -> list[F]:
    """The files of a source that can be read, filled. Raises FormatError if none can."""
    good: list[F] = []
    for source in sources:
        file = made(source)
        try:
            _fill(file, progress)
            good.append(file)
        except FormatError as error:
            if len(sources) == 1:
                raise
            file.findings.warn("broken_file", source, "a COCO json", str(error), "the other files were read")
    if not good:
        raise FormatError(f"{path}: expected COCO json files, found none that can be read")
    return good


@dataclass
class File:
    """One json file while it is read: objects with boxes and outlines."""

    path: Path
    split: str | None
    findings: Findings
    images: dict[Any, dict[str, Any]] = field(default_factory=dict)
    boxes: dict[Any, list[tuple[Any, ...]]] = field(default_factory=dict)
    categories: dict[Any, str] = field(default_factory=dict)
    ids: set[Any] = field(default_factory=set)
    outlined: int = 0

    def take(self, key: str, entry: object) -> None:
        """Take one entry of one of the lists; other keys are ignored."""
        if key not in ("images", "annotations", "categories"):
            return
        if not isinstance(entry, dict) or not isinstance(
            entry.get("image_id" if key == "annotations" else "id"), int | str
        ):
            self.findings.warn("bad_entry", self.path, f"an entry of {key} with an id", short(entry), "it is left out")
            return
        if isinstance(entry, Twice):
            where = f"{self.path.name}: {key} {short(entry.get('id'))}"
            self.findings.warn("duplicate_key", where, "each key once", "one of them twice", "the last value counts")
        if key == "images":
            self._take_image(entry)
        elif key == "categories":
            self._take_category(entry)
        else:
            self._take_annotation(entry)

    def shape(self, entry: dict[str, Any]) -> object:
        """What is kept of the shape of an annotation, in little memory."""
        self.outlined += bool(entry.get("segmentation"))
        return compact(entry.get("segmentation"))

    def place(self, bbox: object, shape: Any, size: tuple[int, int], where: str) -> dict[str, Any] | None:
        """Parts of the label of a shape and a bbox in an image of `size`; None, with a finding, for none."""
        outline = self._outline(shape, size, where)
        box = relative(bbox, *size) or (box_of(outline) if outline else None)
        if box is None:
            self.findings.warn("bad_box", where, "bbox of 4 finite numbers", short(bbox), "it is left out")
            return None
        return {"box": box, "outline": outline}

    def _take_image(self, entry: dict[str, Any]) -> None:
        if entry["id"] in self.images:
            self.findings.warn(
                "duplicate_id", f"{self.path.name}: image {entry['id']}", "an id of its own per image",
                f"it again for {entry.get('file_name')!r}", "the first image is kept",
            )  # fmt: skip
        elif not isinstance(entry.get("file_name"), str):
            where = f"{self.path.name}: image {entry['id']}"
            self.findings.warn("bad_entry", where, "a file_name", short(entry.get("file_name")), "it is left out")
        else:
            self.images[entry["id"]] = {key: entry.get(key) for key in ("file_name", "width", "height", "split")}

    def _take_category(self, entry: dict[str, Any]) -> None:
        where = f"{self.path.name}: category {short(entry['id'])}"
        try:
            name = class_name(entry.get("name", entry["id"]))
        except ValueError as wrong:
            self.findings.warn("bad_entry", where, "the name of a class", str(wrong), "it is left out")
            return
        known = self.categories.setdefault(entry["id"], name)
        if known != name:
            found = f"both {known!r} and {entry.get('name')!r}"
            self.findings.warn("duplicate_id", where, "an id of its own per category", found, "the first is kept")

    def _take_annotation(self, entry: dict[str, Any]) -> None:
        number = entry.get("id")
        number = number if isinstance(number, int | str) else None
        if number is not None and number in self.ids:
            where = f"{self.path.name}: annotation {number}"
            self.findings.warn(
                "duplicate_id", where, "an id of its own per annotation", "it a second time", "both are read"
            )
        self.ids.add(number)
        keys = ("category_id", "bbox", "iscrowd", "score", "attributes")
        values = (number, *map(entry.get, keys), self.shape(entry))
        self.boxes.setdefault(entry["image_id"], []).append(values)

    def records(self, root: Path, findings: Findings, bounds: Bounds) -> Iterator[ImageRecord]:
        """One record per image inside the bounds; boxes relative to the declared size."""
        for missing in self.boxes.keys() - self.images.keys():
            where = f"{self.path.name}: image {missing}"
            n = len(self.boxes[missing])
            findings.warn("unknown_image", where, "an image of this id", f"none, but {n} annotations of it", "left out")
        folders = [one for one in _image_folders(self.path, self.split, root) if bounds.holds(one)]
        for number, entry in self.images.items():
            path = bounds.image(entry["file_name"], folders)
            if path is None:
                continue
            width, height = _size(entry, path)
            objects = tuple(self._labels(number, width, height)) if width and height else ()
            split = self.split or files.split_of(str(entry["split"]))
            yield ImageRecord(files.resolved(path), split, width, height, objects)

    def _labels(self, number: Any, width: int, height: int) -> Iterator[Label]:
        for annotation, category, bbox, crowd, score, attributes, shape in self.boxes.pop(number, ()):
            where = f"{self.path.name}: annotation {annotation}"
            if not isinstance(category, int | str) or category not in self.categories:
                found = f"category_id {short(category)}"
                expected = f"a category_id of the {len(self.categories)} categories"
                self.findings.warn("unknown_class", where, expected, found, "it is left out")
                continue
            parts = self.place(bbox, shape, (width, height), where)
            if parts is not None:
                extra = {**self._attributes(attributes, where), **parts.pop("attributes", {})}
                yield Label(
                    self.categories[category], confidence=finite(score), crowd=bool(crowd), attributes=extra, **parts
                )

    def _attributes(self, found: object, where: str) -> dict[str, object]:
        """Attributes with a name and one plain value; others are left out with a finding."""
        if not isinstance(found, dict):
            return {}
        kept: dict[str, object] = {key: value for key, value in found.items() if _is_attribute(key, value)}
        if len(kept) < len(found):
            some = short(sorted(found.keys() - kept.keys())[:3])
            expected = "attributes with a plain name and one value"
            self.findings.warn("bad_attribute", where, expected, some, "these attributes are left out")
        return kept

    def _outline(self, found: object, size: tuple[int, int], where: str) -> Outline | None:
        if found:
            return coco_outline(found, size, where, self.findings)
        if self.outlined:
            self.findings.note(
                "no_outline", where, "an outline, as other objects have", "none", "its box alone is read"
            )
        return None


def _fill(file: File, progress: Progress) -> None:
    path = file.path

    def take(key: str, entry: object) -> None:
        if len(file.ids) % 1000 == 0:
            progress(0, 0)
        file.take(key, entry)

    read_object(path, take)
    if not file.images:
        raise FormatError(f"{path}: expected a list `images` with entries, found none; is this a COCO dataset file?")


def _sources(path: Path) -> list[Path]:
    """The json files of a path; in a folder those named `instances*` go first, then those that look like COCO."""
    if path.is_file():
        return [path] if path.suffix.lower() == ".json" else []
    for folder in (path / "annotations", path):
        found = sorted(folder.glob("*.json"))
        chosen = [file for file in found if file.name.startswith("instances")]
        chosen = chosen or [file for file in found if looks_like_coco(file)]
        if chosen:
            return chosen
    return sorted(path.glob("*/_annotations.coco.json"))


def looks_like_coco(path: Path) -> bool:
    """Whether a json file begins like COCO."""
    try:
        with open_regular(path) as stream:
            head = stream.read(_HEAD + 1)
    except OSError:
        return False
    if len(head) <= _HEAD:
        return b'"images"' in head
    return head.lstrip()[:1] == b"{" and any(k in head for k in (b'"images"', b'"annotations"', b'"categories"'))


def split_of(path: Path) -> str | None:
    """The split that a file is of: by the end of its name, else by its folder."""
    named = files.split_of(path.stem.rsplit("_", 1)[-1]) or files.split_of(path.stem)
    return named or files.split_of(path.parent.name)


def _image_folders(path: Path, split: str | None, root: Path) -> list[Path]:
    """Where images may lie: beside the json, above it, in `images`, `data` or a folder named like the split or file."""
    above = path.parent.parent if path.parent.name == "annotations" else path.parent
    names = [path.stem.rsplit("_", 1)[-1], split or "", ""]
    tops = dict.fromkeys([above, path.parent, *([root] if root.is_dir() else [])])
    return [top / inner / name for top in tops for inner in ("images", "", "data") for name in dict.fromkeys(names)]


def _is_attribute(key: str, value: object) -> bool:
    plain = 0 < len(key) <= 200 and not key.startswith("$") and not set(key) & {".", "\0"}
    if isinstance(value, list):
        return plain and len(value) <= 100 and all(_is_plain(one) for one in value)
    return plain and _is_plain(value)


def _is_plain(value: object) -> bool:
    """A value that a document can hold as it is; MongoDB's whole numbers have 64 bits."""
    if isinstance(value, int):
        return abs(value) < 1 << 63
    return value is None or isinstance(value, float) or (isinstance(value, str) and len(value) <= 10_000)


def _size(entry: dict[str, Any], path: Path) -> tuple[int | None, int | None]:
    width, height = finite(entry["width"]), finite(entry["height"])
    if width and height and 1 <= width < 1e9 and 1 <= height < 1e9:
        return int(width), int(height)
    return shown_size(path) or (None, None)


def relative(bbox: object, width: int, height: int) -> tuple[float, float, float, float] | None:
    """A bbox in pixels as a relative box; None unless it is 4 finite numbers."""
    if not isinstance(bbox, list) or len(bbox) != 4:
        return None
    if any(finite(value) is None for value in bbox):
        return None
    return bbox[0] / width, bbox[1] / height, bbox[2] / width, bbox[3] / height


def short(value: object) -> str:
    """A value as a finding shows it."""
    text = str(type(value).__name__) if isinstance(value, int) and abs(value) > 1 << 99 else repr(value)
    return text if len(text) < 80 else text[:77] + "..."
