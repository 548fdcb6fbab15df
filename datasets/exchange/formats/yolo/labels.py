"""YOLO: a row for each object in a text file for each image. Ultralytics, darknet, labelImg, CVAT, Roboflow write it.

A label row is `class x_centre y_centre width height`, relative to the image as shown (Ultralytics rotates by EXIF
before it scales), optionally with a confidence; rows with more numbers are polygons, `class x y x y ...` (or key
points, when the yaml has `kpt_shape`, of which the box is read). A polygon covers the pixels that pycocotools gives it.
Where every polygon of a file has one more number, it is the confidence, as Ultralytics writes predictions.
Where things lie is found by `layout`, what other rows mean by `columns`.
"""

from pathlib import Path

import yaml

from datasets.errors import FormatError
from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.exchange.formats.common.shapes import ring_of
from datasets.exchange.formats.yolo.config import UNSPLIT
from datasets.exchange.formats.yolo.layout import layout_of, looks_like_yolo
from datasets.exchange.formats.yolo.reading import Reader
from datasets.kinds import DETECTIONS
from datasets.records import SPLITS, Finding, ImageRecord, Label, Progress, no_progress

NAME = "yolo"
TITLE = "Ultralytics YOLO"
ACCEPTS = (DETECTIONS, None)


def sniff(path: Path) -> Sniff:
    """A yaml with names and splits, a file of darknet, or label files named as images."""
    return looks_like_yolo(path)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:
    """Every image of every split. Raises FormatError when the yaml is wrong or no split has an image."""
    findings = Findings()
    layout = layout_of(path, findings, bounds or Bounds.of(path))
    reader = Reader(layout, findings)
    for number, file in enumerate(dict.fromkeys(layout.labels.values())):
        progress(number, 0)
        reader.take(file)
    reader.decide(path)
    records = tuple(
        ImageRecord(files.resolved(image), split, objects=reader.labels(image)) for image, split in layout.images
    )
    reader.tell(path)
    return Source(records, reader.classes, DETECTIONS, findings.all())


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
