"""One COCO json while it is read: its images, its annotations, its categories, whatever form these were given."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.coco import values
from datasets.exchange.formats.coco.categories import Categories
from datasets.exchange.formats.coco.choosing import FOLDERS
from datasets.exchange.formats.coco.suspicions import Evidence, Reading, reading_of
from datasets.exchange.formats.coco.values import short
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.jsonlists import read_object
from datasets.exchange.formats.common.parsing import Twice
from datasets.exchange.formats.common.shapes import box_of, coco_outline, compact
from datasets.images.probe import shown_size
from datasets.records import ImageRecord, Label, Outline, Progress

Shaped = tuple[Any, ...]  # id, category, bbox, crowd, confidence, attributes, shape
_NAMES = ("file_name", "path", "filename", "file", "name", "coco_url", "url", "flickr_url")
_TOLD = {
    "outline_box": ("a bbox that has a size", "{n} without one, but with an outline", "they have the box around it"),
    "key_points": ("boxes and outlines", "{n} with key points too", "their boxes are read here, all as coco_keypoints"),
    "captions": ("objects with a box or an outline", "{n} captions", "captions are not read"),
    "equal_rows": ("each object once", "{n} that repeat one of the same image", "all of them are read"),
    "named_classes": ("category_id that are ids of categories", "{n} that are their names", "taken as these"),
    "nested": ("a list `annotations` of its own", "{n} inside the entries of their images", "read as theirs"),
    "no_image_name": ("image_id that are ids of images", "{n} that are their file names", "taken as these images"),
}  # fmt: skip


@dataclass
class File:
    """One json file while it is read: objects with boxes and outlines.

    `told` counts what is told once for the whole file.
    """

    path: Path
    split: str | None
    findings: Findings
    images: dict[Any, dict[str, Any]] = field(default_factory=dict)
    boxes: dict[Any, list[Shaped]] = field(default_factory=dict)
    ids: set[Any] = field(default_factory=set)
    outlined: int = 0
    told: Counter[str] = field(default_factory=Counter)
    reading: Reading = Reading.PIXELS
    _areas: Evidence = field(default_factory=Evidence)

    def __post_init__(self) -> None:
        self.classes = Categories(self.path, self.findings)

    @property
    def categories(self) -> dict[Any, str]:
        """Names of classes by id."""
        return self.classes.names

    def fill(self, progress: Progress) -> None:
        """Read the file. Raises FormatError when it is no COCO file, or has no images."""

        def take(key: str, entry: object) -> None:
            if len(self.ids) % 1000 == 0:
                progress(0, 0)
            self.take(key, entry)

        keys = read_object(self.path, take)
        if not self.images:
            raise FormatError(
                f"{self.path}: expected a list `images` with entries, found none; is this a COCO dataset file?"
            )
        self._settle("annotations" in keys)

    def take(self, key: str, entry: object) -> None:
        """Take one entry of one of the lists; other keys are ignored."""
        if key not in ("images", "annotations", "categories") or (entry is None and key != "images"):
            return
        if key == "categories" and isinstance(entry, str):
            self.classes.take_name(entry)
            return
        number = self._identified(key, entry)
        if number is None or not isinstance(entry, dict):
            self.findings.warn("bad_entry", self.path, f"an entry of {key} with an id", short(entry), "it is left out")
            return
        if isinstance(entry, Twice):
            where = f"{self.path.name}: {key} {short(entry.get('id'))}"
            self.findings.warn("duplicate_key", where, "each key once", "one of them twice", "the last value counts")
        if key == "images":
            self._take_image(number, entry)
        elif key == "categories":
            self._take_category(number, entry)
        else:
            self._take_annotation(number, entry)

    def shape(self, entry: dict[str, Any]) -> object:
        """What is kept of the shape of an annotation, in little memory."""
        self.told["key_points"] += bool(entry.get("keypoints"))
        found = entry.get("segmentation")
        self.outlined += bool(found)
        return compact(values.outline(found)) if found else None

    def place(self, bbox: object, shape: Any, size: tuple[int, int], where: str) -> dict[str, Any] | None:
        """Parts of the label of a shape and a bbox in an image of `size`; None, with a finding, for none."""
        outline = self._outline(shape, size, where)
        box = self.reading.relative(values.bbox(bbox), *size)
        if outline is not None and (box is None or box[2] <= 0 or box[3] <= 0):
            box = box_of(outline) or box
            self.told["outline_box"] += 1
        if box is None:
            self.findings.warn("bad_box", where, "bbox of 4 finite numbers", short(bbox), "it is left out")
            return None
        return {"box": box, "outline": outline}

    def records(self, root: Path, findings: Findings, bounds: Bounds) -> Iterator[ImageRecord]:
        """One record per image inside the bounds; boxes relative to the declared size."""
        for missing in self.boxes.keys() - self.images.keys():
            where = f"{self.path.name}: image {missing}"
            n = len(self.boxes[missing])
            findings.warn("unknown_image", where, "an image of this id", f"none, but {n} annotations of it", "left out")
        self.reading = reading_of(self.path, self.images, self.boxes, self._areas, findings)
        folders = [one for one in image_folders(self.path, self.split, root) if bounds.holds(one)]
        for number, entry in self.images.items():
            path = bounds.image(entry["file_name"], folders, self.path)
            if path is None:
                self.boxes.pop(number, None)
                continue
            width, height = _size(entry, path)
            objects = tuple(self._labels(number, width, height)) if width and height else ()
            split = self.split or files.split_of(str(entry["split"]))
            yield ImageRecord(files.resolved(path), split, width, height, objects)
        for code, count in self.told.items():
            expected, found, action = _TOLD[code]
            if count:
                findings.note(code, self.path, expected, found.format(n=f"{count:,}"), action, count=count)

    def _identified(self, key: str, entry: object) -> int | str | None:
        """The id of an image or category, the image_id of an annotation; an image without one has its name."""
        if not isinstance(entry, dict):
            return None
        found = values.identity(entry.get("image_id" if key == "annotations" else "id"))
        return _name(entry) if found is None and key == "images" and "id" not in entry else found

    def _take_image(self, number: int | str, entry: dict[str, Any]) -> None:
        name = _name(entry)
        inner = entry.get("annotations")
        for one in inner if isinstance(inner, list) else ():
            if isinstance(one, dict):
                self.told["nested"] += 1
                self._take_annotation(number, one)
        if number in self.images:
            self.findings.warn(
                "duplicate_id", f"{self.path.name}: image {number}", "an id of its own per image",
                f"it again for {entry.get('file_name')!r}",
                "the first image is kept; labels of this id may be those of either",
            )  # fmt: skip
        elif name is None:
            where = f"{self.path.name}: image {number}"
            self.findings.warn("bad_entry", where, "a file_name", short(entry.get("file_name")), "it is left out")
        else:
            kept = {key: entry.get(key) for key in ("width", "height", "split")}
            self.images[number] = {"file_name": name, **kept}

    def _take_category(self, number: int | str, entry: dict[str, Any]) -> None:
        self.classes.take(number, entry)

    def _take_annotation(self, image: int | str, entry: dict[str, Any]) -> None:
        number = entry.get("id")
        number = number if isinstance(number, int | str) else None
        if number is not None and number in self.ids:
            where = f"{self.path.name}: annotation {number}"
            self.findings.warn(
                "duplicate_id", where, "an id of its own per annotation", "it a second time", "both are read"
            )
        self.ids.add(number)
        box, shape = entry.get("bbox"), self.shape(entry)
        if "caption" in entry and box is None and not shape:
            self.told["captions"] += 1
            return
        category = self.classes.named_by(entry)
        self._areas.add_area(box, entry.get("area"))
        kept = (number, category, box, entry.get("iscrowd"), entry.get("score"), entry.get("attributes"), shape)
        self.boxes.setdefault(image, []).append(kept)

    def _settle(self, listed: bool) -> None:
        """Ids of annotations that say the same as one of the list are that one; classes without a list get names."""
        unknown = self.boxes.keys() - self.images.keys()
        same = values.Ids(self.images) if unknown else None
        by_name = _by_name(self.images) if unknown else {}
        for image in sorted(unknown, key=str):
            found = same.find(image) if same else None
            if found is None and isinstance(image, str):
                found = by_name.get(image)
                self.told["no_image_name"] += found is not None
            if found is not None:
                self.boxes.setdefault(found, []).extend(self.boxes.pop(image))
        self.classes.settle(one[1] for found in self.boxes.values() for one in found)
        if not self.boxes and not self.told["captions"] and not listed:
            found, action = f"none, but {len(self.images):,} images", "they are imported without labels"
            self.findings.note("no_annotations", self.path, "a list `annotations` of objects", found, action)

    def _category(self, value: object) -> Any:
        """The id of a category of the list that a category_id says; None for none."""
        found = self.classes.find(value)
        if found is None:
            found = self.classes.find_name(value)
            self.told["named_classes"] += found is not None
        return found

    def _labels(self, number: Any, width: int, height: int) -> Iterator[Label]:
        kept = self.boxes.pop(number, ())
        if len(kept) > 1:
            self.told["equal_rows"] += _repeats(kept)
        for annotation, given, bbox, crowd, score, attributes, shape in kept:
            where = f"{self.path.name}: annotation {annotation}"
            category = self._category(given)
            if category is None:
                found = f"category_id {short(given)}"
                expected = f"a category_id of the {len(self.categories)} categories"
                self.findings.warn("unknown_class", where, expected, found, "it is left out")
                continue
            parts = self.place(bbox, shape, (width, height), where)
            if parts is not None:
                extra = {**self._attributes(attributes, where), **parts.pop("attributes", {})}
                sure, many = values.number(score), crowd == 1 or (crowd != 0 and values.is_set(crowd))
                yield Label(self.categories[category], confidence=sure, crowd=many, attributes=extra, **parts)

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
            return coco_outline(found, self.reading.frame(found, size), where, self.findings)
        if self.outlined:
            self.findings.note(
                "no_outline", where, "an outline, as other objects have", "none", "its box alone is read"
            )
        return None


def image_folders(path: Path, split: str | None, root: Path) -> list[Path]:
    """Where images may lie: beside the json, above it, in `images`, `data` or a folder named like the split or file."""
    above = next((one.parent for one in list(path.parents)[:2] if one.name.lower() in FOLDERS), path.parent)
    ends = path.stem.rsplit("_", 1)[-1]
    names = [ends, split or "", ""]
    tops = dict.fromkeys([above, path.parent, *([root] if root.is_dir() else [])])
    return [top / inner / name for top in tops for inner in ("images", "", "data") for name in dict.fromkeys(names)]


def _name(entry: dict[str, Any]) -> str | None:
    found = (str(one) if type(one) is int else one for one in map(entry.get, _NAMES))
    return next((one for one in found if isinstance(one, str) and one.strip()), None)


def _by_name(images: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """Ids by file names, with and without folders and ending, where these are those of one image."""
    found: dict[str, Any] = {}
    for number, entry in images.items():
        name = str(entry["file_name"])
        last = name.replace("\\", "/").rsplit("/", 1)[-1]
        for one in {name, last, last.rpartition(".")[0]}:
            found[one] = number if one not in found else None
    return found


def _repeats(kept: list[Shaped]) -> int:
    """How many annotations of an image are equal to one before: class, bbox, shape, crowd."""
    by_box: dict[str, list[Shaped]] = {}
    count = 0
    for one in kept:
        others = by_box.setdefault(str(one[2]), [])
        same = any((one[1], *one[3:5], one[6]) == (other[1], *other[3:5], other[6]) for other in others)
        count += same
        if not same:
            others.append(one)
    return count


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
    width, height = values.number(entry["width"]), values.number(entry["height"])
    if width and height and 1 <= width < 1e9 and 1 <= height < 1e9:
        return int(width), int(height)
    return shown_size(path) or (None, None)
