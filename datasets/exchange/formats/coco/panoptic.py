"""COCO panoptic: a json of segments, and a PNG for each image whose colours are the ids of these segments.

An id is `red + 256 * green + 65536 * blue`, 0 is no segment (https://cocodataset.org/#format-data, 4. Panoptic
Segmentation). Read as semantic masks: each pixel has the class of its segment, in the order of `categories`, from 1.
The boxes of countable objects (`isthing`) are read into a field beside; that two of them touch is lost in the masks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.coco import values
from datasets.exchange.formats.coco.choosing import panoptic, splits_of
from datasets.exchange.formats.coco.document import File, image_folders
from datasets.exchange.formats.coco.objects import files_of
from datasets.exchange.formats.coco.values import short
from datasets.exchange.formats.common import files, opened, tree
from datasets.exchange.formats.common.bounds import Bounds
from datasets.images import pixels
from datasets.images.probe import BROKEN
from datasets.kinds import DETECTIONS, SEGMENTATION, Kind
from datasets.records import Finding, ImageRecord, Label, Progress, Recode, no_progress
from datasets.speed.workers import in_order

NAME = "coco_panoptic"
TITLE = "COCO panoptic"
ACCEPTS: tuple[Kind | None, ...] = ()
BESIDE = "objects"
VOID = 255
_MASKS = ("panoptic", "mask", "segment", "png")


def sniff(path: Path) -> Sniff:
    """A json with segments of masks, or a folder with such files and none of objects."""
    found = panoptic(path)
    return Sniff(0.94, f"{', '.join(file.name for file in found[:3])} with panoptic segments") if found else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files of the folder. Raises FormatError when there is none, or it has more than 254 classes."""
    findings, bounds = Findings(), bounds or Bounds.of(path)
    sources = panoptic(path)
    parts = splits_of(sources)
    good = files_of(path, sources, lambda source: Segments(source, parts[source], findings), progress)
    classes = tuple(dict.fromkeys(name for file in good for name in file.categories.values()))
    if len(classes) >= VOID:
        raise FormatError(f"{path}: expected at most {VOID - 1} classes of pixels, found {len(classes):,}")
    numbers = {name: number for number, name in enumerate(classes, 1)}
    records = tuple(record for file in good for record in file.masked(path, bounds, numbers, progress))
    targets = {number: name for name, number in numbers.items()}
    others = {BESIDE: DETECTIONS} if any(record.others for record in records) else {}
    return Source(records, classes, SEGMENTATION, findings.all(), targets, others=others)


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:  # noqa: ARG001
    """Raises FormatError: this format is only read."""
    raise FormatError(f"{TITLE} is only read; export masks as mask_folders, or objects as coco")


@dataclass(frozen=True)
class _Seen:
    """A PNG of segments: its size in pixels, and whether its ids are colours or plain numbers; or what is wrong."""

    size: tuple[int, int] = (0, 0)
    coloured: bool = True
    ids: frozenset[int] = frozenset()
    error: str = ""


@dataclass
class Segments(File):
    """One json of segments."""

    masks: dict[Any, tuple[str, list[dict[str, Any]]]] = field(default_factory=dict)
    things: set[Any] = field(default_factory=set)

    def masked(self, root: Path, bounds: Bounds, numbers: dict[str, int], progress: Progress) -> Iterator[ImageRecord]:
        """One record for each image, with its mask still to be recoded."""
        folders = [one for one in image_folders(self.path, self.split, root) if bounds.holds(one)]
        held = [one for one in self._mask_folders(root) if bounds.holds(one)]
        found: list[tuple[Any, Path]] = []
        for number, entry in self.images.items():
            image = bounds.image(str(entry["file_name"]), folders, self.path)
            if image is not None:
                found.append((number, image))
        masks = [self._mask(number, held, bounds) for number, _ in found]
        for done, ((number, image), mask, seen) in enumerate(
            zip(found, masks, in_order(lambda one: _look(one) if one else _Seen(), masks), strict=True), 1
        ):
            progress(done, len(found))
            yield self._record(number, image, mask, seen, numbers)

    def _take_category(self, number: int | str, entry: dict[str, Any]) -> None:
        super()._take_category(number, entry)
        if values.is_set(entry.get("isthing")):
            self.things.add(number)

    def _take_annotation(self, image: int | str, entry: dict[str, Any]) -> None:
        segments = entry.get("segments_info")
        name = entry.get("file_name")
        if not isinstance(segments, list) or not isinstance(name, str):
            where = f"{self.path.name}: image {image}"
            self.findings.warn("bad_entry", where, "file_name and segments_info", short(entry), "it has no mask")
            return
        self.ids.add(image)
        self.boxes[image] = []
        self.masks[image] = name, [one for one in segments if isinstance(one, dict)]

    def _settle(self, listed: bool) -> None:  # noqa: ARG002
        for image in self.masks.keys() - self.images.keys():
            same = values.Ids(self.images).find(image)
            if same is not None:
                self.masks[same] = self.masks.pop(image)

    def _mask_folders(self, root: Path) -> list[Path]:
        """Where the masks may lie: a folder named like the file, or another one with panoptic masks."""
        above = (self.path.parent, self.path.parent.parent)
        named = [one / self.path.stem for one in above]
        held = [inner for one in (*above, root) if one.is_dir() for inner in tree.listing(one).folders]
        split = [inner / self.split for inner in held if self.split]
        other = [one for one in held if any(word in one.name.lower() for word in _MASKS)]
        return list(dict.fromkeys((*named, *other, *split, self.path.parent)))

    def _mask(self, number: Any, folders: list[Path], bounds: Bounds) -> Path | None:
        if number not in self.masks:
            return None
        found = bounds.seek(self.masks[number][0], folders, self.path)
        if found is None:
            expected, said = f"its mask {self.masks[number][0]}", "none"
            self.findings.warn("missing_mask", self._where(number), expected, said, "imported without a mask")
            return None
        opened.note(found)
        return found

    def _where(self, number: Any) -> str:
        return f"{self.path.name}: image {short(number)}"

    def _record(self, number: Any, image: Path, mask: Path | None, seen: _Seen, numbers: dict[str, int]) -> ImageRecord:
        record = ImageRecord(files.resolved(image), self.split)
        if mask is None or seen.error:
            if seen.error:
                action = "imported without it"
                self.findings.warn("broken_mask", str(mask), "a mask that can be read", seen.error, action)
            return record
        table: dict[int, int] = {}
        labels: list[Label] = []
        for segment in self.masks[number][1]:
            category = self._category(segment.get("category_id"))
            name, own = self.categories.get(category), values.number(segment.get("id"))
            if name is None or own is None:
                found = f"segment {short(segment.get('id'))} of category {short(segment.get('category_id'))}"
                self.findings.warn("unknown_class", self._where(number), "segments of known classes", found, "void")
                continue
            table[_colour(int(own)) if seen.coloured else int(own)] = numbers[name]
            labels += self._thing(segment, category, name, seen.size)
        strange = [one for one in sorted(seen.ids) if (_colour(one) if seen.coloured else one) not in table and one]
        if strange:
            listed = ", ".join(map(str, strange[:5]))
            found = f"{len(strange):,} ids of no segment ({listed})"
            self.findings.warn("unknown_value", str(mask), "ids of segments", found, "their pixels are void")
        present = tuple(dict.fromkeys(name for name, value in numbers.items() if value in table.values()))
        others = {BESIDE: tuple(labels)} if labels else {}
        recode = Recode(table or {-1: VOID}, by_colour=seen.coloured, void=VOID)
        return ImageRecord(
            record.path, self.split, *seen.size, segmentation=Label("", mask_path=str(mask.resolve())),
            present=present, recode=recode, others=others,
        )  # fmt: skip

    def _thing(self, segment: dict[str, Any], category: Any, name: str, size: tuple[int, int]) -> Iterator[Label]:
        box = values.bbox(segment.get("bbox"))
        if category in self.things and box is not None and box[2] > 0 and box[3] > 0:
            place = self.reading.relative(box, *size)
            yield Label(name, place, crowd=values.is_set(segment.get("iscrowd")))


def _look(path: Path) -> _Seen:
    """Decode one PNG. Never raises for a bad file."""
    try:
        with pixels.opened(path) as image, pixels.decoding(image.width * image.height):
            coloured = image.mode in ("RGB", "RGBA")
            if not coloured and image.mode not in ("L", "I", "I;16"):
                return _Seen(error=f"a {image.mode} image, where red, green and blue hold the ids")
            bands = np.asarray(image).astype(np.int64)
            size = image.size
    except BROKEN as wrong:
        return _Seen(error=str(wrong) or type(wrong).__name__)
    ids = bands[..., 0] + 256 * bands[..., 1] + 65536 * bands[..., 2] if coloured else bands
    return _Seen(size, coloured, frozenset(np.unique(ids).tolist()))


def _colour(number: int) -> int:
    """The colour (red << 16 | green << 8 | blue) of an id (red + 256 * green + 65536 * blue)."""
    return (number & 0xFF) << 16 | (number & 0xFF00) | (number >> 16 & 0xFF)
