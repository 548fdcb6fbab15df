"""Ultralytics YOLO: a yaml with `train`, `val`, `test` and `names`; or `images` and `labels` folders without one.

A label row is `class x_centre y_centre width height`, relative to the image as shown (Ultralytics rotates by EXIF
before it scales), optionally with a confidence; rows with more numbers are polygons, `class x y x y ...` (or key
points, when the yaml has `kpt_shape`, of which the box is read). A polygon covers the pixels that pycocotools gives it.
Where every polygon of a file has one more number, it is the confidence, as Ultralytics writes predictions.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.parsing import read_text
from datasets.exchange.formats.common.shapes import box_of, polygon, ring_of
from datasets.exchange.formats.yolo.layout import UNSPLIT, Layout, layout_of, looks_like_yolo
from datasets.kinds import DETECTIONS
from datasets.records import SPLITS, Finding, ImageRecord, Label, Outline, Progress, no_progress

NAME = "yolo"
TITLE = "Ultralytics YOLO"
ACCEPTS = (DETECTIONS, None)


def sniff(path: Path) -> Sniff:
    """A yaml with names and splits, or folders of images and of labels."""
    why = looks_like_yolo(path)
    return Sniff(0.9 if "yaml" in why else 0.8, why) if why else Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """Every image of every split. Raises FormatError when the yaml is wrong or no split has an image."""
    findings = Findings()
    layout = layout_of(path, findings, bounds or Bounds.of(path))
    reader = _Reader(layout, findings)
    records: list[ImageRecord] = []
    for image, split in layout.images:
        progress(len(records), 0)
        records.append(ImageRecord(files.resolved(image), split, objects=tuple(reader.labels(image))))
    if reader.key_points:
        found = f"{reader.key_points:,} objects with key points"
        findings.note("key_points", path, "boxes or polygons", found, "their boxes are read, the points are not yet")
    if reader.confidences:
        found = f"a number more in {reader.confidences:,} rows"
        findings.note("confidence", path, "polygons as pairs of x and y", found, "it is read as their confidence")
    return Source(tuple(records), tuple(dict.fromkeys(layout.names.values())), DETECTIONS, findings.all())


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """`images/<split>`, `labels/<split>` and `data.yaml` with one class order for all splits and the key `val`.

    An object with a mask is a polygon of pixel corners, which gives the mask back exactly; its box becomes that of the
    mask.

    Images without a split lie under the key `unsplit`. Ultralytics demands `train` and `val`: where no image is in one
    of them, the key names another folder. Label files are found by image path, so media `none` raises FormatError.
    """
    if draft.media == "none":
        raise FormatError("YOLO finds labels by the image path: expected media 'link' or 'copy', found 'none'")
    findings = Findings()
    numbers = {name: number for number, name in enumerate(draft.classes)}
    splits = list(dict.fromkeys(record.split for record in draft.records))
    for done, (record, name) in enumerate(zip(draft.records, files.file_names(draft.records), strict=True)):
        files.place(record.path, folder / "images" / (record.split or "all") / name, draft.media)
        target = (folder / "labels" / (record.split or "all") / name).with_suffix(".txt")
        target.parent.mkdir(parents=True, exist_ok=True)
        rows = [_row(label, numbers, record, findings) for label in record.objects if not label.crowd]
        target.write_text("".join(rows), encoding="utf-8")
        if len(rows) < len(record.objects):
            found = f"{len(record.objects) - len(rows)} crowd regions"
            findings.note("crowd", record.path, "boxes of single objects", found, "YOLO has no crowds: left out")
        progress(done + 1, len(draft.records))
    config = {
        "path": str((draft.final or folder).resolve()),
        **_split_keys(splits),
        "names": dict(enumerate(draft.classes)),
    }
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    (folder / "data.yaml").write_text(text, encoding="utf-8")
    return findings.all()


def _split_keys(splits: list[str | None]) -> dict[str, str | list[str]]:
    named: dict[str, str | list[str]] = {split: f"images/{split}" for split in SPLITS if split in splits}
    others = [f"images/{split or 'all'}" for split in splits if split not in named]
    if others:
        named[UNSPLIT] = others[0] if len(others) == 1 else others
    first = named.get("train") or named.get(UNSPLIT) or next(iter(named.values()), "images/all")
    return {"train": named.get("train", first), "val": named.get("val", first), **named}


def _row(label: Label, numbers: dict[str, int], record: ImageRecord, findings: Findings) -> str:
    """One object: its mask as one polygon, holes and parts joined by bridges of no width, or its box."""
    size = record.width or 1, record.height or 1
    ring = ring_of(label, size, f"{record.path}: {label.label}", findings)
    x, y, width, height = label.box or (0.0, 0.0, 1.0, 1.0)
    values = [x + width / 2, y + height / 2, width, height] if ring is None else (ring / size).ravel().tolist()
    values += [] if label.confidence is None else [label.confidence]
    return f"{numbers[label.label]} {' '.join(map(repr, values))}\n"


@dataclass
class _Reader:
    """Reads label files; counts objects with key points, and polygons with a confidence."""

    layout: Layout
    findings: Findings
    key_points: int = 0
    confidences: int = 0

    def labels(self, image: Path) -> Iterator[Label]:
        """The labels of one image; none when it has no label file (a background image)."""
        path = self.layout.label_file(image)
        if path is None:
            return
        try:
            lines = read_text(path).splitlines()
        except FormatError as error:
            self.findings.warn("unreadable_labels", path, "a text file in UTF-8", str(error), "its labels are left out")
            return
        sure = all(len(line.split()) % 2 == 0 for line in lines if len(line.split()) > 6)
        for number, line in enumerate(lines, 1):
            if line.strip():
                label = self._label(line, f"{path}:{number}", sure)
                if label is not None:
                    yield label

    def _label(self, line: str, where: str, sure: bool) -> Label | None:
        try:
            values = [float(word) for word in line.split()]
        except ValueError:
            values = []
        pose = self.layout.key_points
        if len(values) < 5 or (len(values) > 6 and len(values) % 2 == 0 and not pose and not sure):
            expected = "class and 4 numbers, or class and the points of a polygon"
            self.findings.warn("bad_row", where, expected, repr(line[:60]), "the row is left out")
            return None
        if not all(map(math.isfinite, values)):
            self.findings.warn("bad_box", where, "finite numbers", repr(line[:60]), "the row is left out")
            return None
        if values[0] not in self.layout.names:
            expected = f"a class from {min(self.layout.names, default=0)} to {max(self.layout.names, default=0)}"
            self.findings.warn("unknown_class", where, expected, line.split(maxsplit=1)[0], "the row is left out")
            return None
        name = self.layout.names[int(values[0])]
        self.key_points += len(values) > 6 and pose
        if len(values) <= 6 or pose:
            return Label(name, _centre_box(values[1:5]), values[5] if len(values) == 6 else None)
        confidence = values.pop() if sure else None
        self.confidences += sure
        points = polygon(values[1:], (1.0, 1.0), where, self.findings)
        if points is None:
            return None
        outline = Outline((1.0, 1.0), (points,))
        return Label(name, box_of(outline), confidence, outline=outline)


def _centre_box(values: list[float]) -> tuple[float, float, float, float]:
    x, y, width, height = values
    return x - width / 2, y - height / 2, width, height
