"""COCO key points: `annotations/person_keypoints_<split>.json`, as COCO json but with key points for each object.

An annotation holds `keypoints`, x, y and a visibility for each (0 not labelled, 1 hidden, 2 seen), in pixels; a
category names them and joins them by its `skeleton`. Box and area are those of the object, not of its points, and both
are kept: figures need them (https://cocodataset.org/#format-data). Outlines are not read: COCO json reads them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasets.exchange.formats.base import Findings, Sniff, Source
from datasets.exchange.formats.coco import poses as coco_poses
from datasets.exchange.formats.coco import values
from datasets.exchange.formats.coco.choosing import choose, posed, splits_of
from datasets.exchange.formats.coco.document import File
from datasets.exchange.formats.coco.joining import joined
from datasets.exchange.formats.coco.objects import files_of
from datasets.exchange.formats.coco.values import short
from datasets.exchange.formats.coco.writing import write
from datasets.exchange.formats.common.bounds import Bounds
from datasets.kinds import KEYPOINTS
from datasets.records import Progress, no_progress
from datasets.skeleton import Skeleton

__all__ = ["ACCEPTS", "NAME", "TITLE", "read", "sniff", "write"]

NAME = "coco_keypoints"
TITLE = "COCO key points"
ACCEPTS = (KEYPOINTS,)


def sniff(path: Path) -> Sniff:
    """A file of COCO json with key points, or a folder with such files; a folder with outlines too is COCO json."""
    found = posed(path)
    if not found:
        return Sniff(0.0)
    whole = path.is_file() or set(choose(path).files) <= set(found)
    return Sniff(0.97 if whole else 0.5, f"{', '.join(file.name for file in found[:3])} with key points")


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """All files of the folder; the end of a file name is its split. Raises FormatError if none is good.

    Classes without key points are left out. The skeleton is that of the first class; others of it are a finding.
    """
    findings, bounds = Findings(), bounds or Bounds.of(path)
    sources = posed(path) or choose(path).files
    parts = splits_of(sources)
    good = files_of(path, sources, lambda source: PosedFile(source, parts[source], findings), progress)
    known: dict[str, Skeleton] = {}
    for file in good:
        known |= {file.categories[key]: one for key, one in file.skeletons.items() if key in file.categories}
    records = joined((record for file in good for record in file.records(path, findings, bounds)), findings)
    several = list(dict.fromkeys(known.values()))
    if len(several) > 1:
        words = ", ".join(f"{name} ({len(one.points)} points)" for name, one in list(known.items())[:5])
        action = f"points of other classes than {next(iter(known))} are not joined by lines"
        findings.warn("several_skeletons", path, "one skeleton for all classes", words, action)
    return Source(records, tuple(known), KEYPOINTS, findings.all(), skeleton=several[0] if several else None)


@dataclass
class PosedFile(File):
    """One json file while it is read: objects with key points."""

    skeletons: dict[Any, Skeleton] = field(default_factory=dict)

    def _take_category(self, number: int | str, entry: dict[str, Any]) -> None:
        super()._take_category(number, entry)
        where = f"{self.path.name}: category {short(number)}"
        found = coco_poses.skeleton_of(entry, where, self.findings)
        if found:
            self.skeletons.setdefault(number, found)

    def shape(self, entry: dict[str, Any]) -> object:
        """Key points and area, with the category that says how many there are."""
        if entry.get("segmentation") and not self.outlined:
            expected, found = "key points alone", "outlines too"
            self.findings.note("outlines_left_out", self.path, expected, found, "read them as COCO json (coco)")
        self.outlined += bool(entry.get("segmentation"))
        return entry.get("category_id"), coco_poses.kept(entry)

    def place(self, bbox: object, shape: Any, size: tuple[int, int], where: str) -> dict[str, Any] | None:
        """Points, and the box of the object where there is one."""
        category, numbers = self._category(shape[0]), shape[1]
        skeleton = self.skeletons.get(category)
        if skeleton is None:
            expected = "a class whose category names key points"
            self.findings.warn("no_keypoints", where, expected, self.categories[category], "it is left out")
            return None
        parts = coco_poses.placed(numbers, len(skeleton.points), size, where, self.findings)
        return {**parts, "box": self.reading.relative(values.bbox(bbox), *size)}
