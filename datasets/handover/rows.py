"""The rows of a manifest: of samples, and of frames, whichever of the two forms a video has in the database.

Frames are samples with `sequence` and `frame_number`, or lie apart in samples that are videos.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from datasets import kinds, poses
from datasets.images import masks
from datasets.records import FRAME_NUMBER, SEQUENCE, Label
from datasets.storage import collection, frame_collection, labels, layout
from datasets.storage.handle import Dataset

Row = dict[str, Any]
Document = Mapping[str, Any]

_FRAMES = "metadata.total_frame_count"


def labelled(dataset: Document) -> dict[str, Any]:
    """A dataset's document whose fields are those that hold the labels of its rows: of videos, those of the frames."""
    return {**dataset, "sample_fields": dataset["frame_fields"]} if layout.is_video(dataset) else dict(dataset)


def count(dataset: Dataset, ids: Sequence[str]) -> int:
    """How many rows there will be, as far as the samples tell."""
    if not layout.is_video(dataset.document):
        return len(ids)
    return sum(_length(one) for one in collection.by_ids(dataset, ids, {_FRAMES: 1}))


def read(dataset: Dataset, ids: Sequence[str], field: str | None) -> Iterator[Row]:
    """A row of each sample, or of each frame of videos, in the order of these sorted ids, with labels of `field`."""
    keep = ["filepath", "split", "metadata.width", "metadata.height", "metadata.frame_width", "metadata.frame_height"]
    if layout.is_video(dataset.document):
        samples = collection.by_ids(dataset, ids, dict.fromkeys([*keep, _FRAMES], 1))
        yield from _of_videos(dataset, samples, ids, field)
        return
    known = {one.name for one in dataset.fields}
    keep += [name for name in (SEQUENCE, FRAME_NUMBER) if name in known]
    for found in collection.by_ids(dataset, ids, dict.fromkeys([*keep, *([field] if field else [])], 1)):
        yield _row(found, found.get(field) if field else None, found.get(SEQUENCE), found.get(FRAME_NUMBER))


def _of_videos(dataset: Dataset, samples: Iterable[Document], ids: Sequence[str], field: str | None) -> Iterator[Row]:
    frames = frame_collection.stream(dataset.name, {}, {field: 1} if field else {}, ids)
    by_video = groupby(frames, lambda one: one["_sample_id"])
    key, known = next(by_video, (None, iter(())))
    for sample in samples:
        here = known if key == sample["_id"] else iter(())
        for number, frame in _numbered(_length(sample), here):
            yield _row(sample, frame.get(field) if field else None, str(sample["_id"]), number)
        if key == sample["_id"]:
            key, known = next(by_video, (None, iter(())))


def _numbered(total: int, known: Iterable[Document]) -> Iterator[tuple[int, Document]]:
    """Every frame from 1 with its document, an empty one where nothing is stored."""
    number = 0
    for one in known:
        yield from ((between, {}) for between in range(number + 1, one["frame_number"]))
        number = one["frame_number"]
        yield number, one
    yield from ((rest, {}) for rest in range(number + 1, total + 1))


def _length(sample: Document) -> int:
    return int((sample.get("metadata") or {}).get("total_frame_count") or 0)


def _row(sample: Document, held: Document | None, sequence: str | None, number: int | None) -> Row:
    width, height = layout.size_of(sample)
    row = {
        "sample_id": str(sample["_id"]),
        "path": sample["filepath"],
        "split": sample.get("split"),
        "width": width,
        "height": height,
        "labels": [_pose(one) if _posed(held) else _label(one) for one in labels.from_document(held)],
    }
    return row if number is None else {**row, SEQUENCE: sequence, FRAME_NUMBER: number}


def _posed(held: Document | None) -> bool:
    found = kinds.of_class(held.get("_cls")) if held else None
    return found is not None and found.posed


def _pose(one: Label) -> Row:
    """A pose with its own box, or the one around its points."""
    box = poses.box(one)
    return {**_label(one), "box": list(box) if box else None, "points": poses.triples(one)}


def _label(one: Label) -> Row:
    made = {
        "id": one.id,
        "label": one.label,
        "box": list(one.box) if one.box else None,
        "confidence": one.confidence,
        "crowd": one.crowd,
        "mask_path": masks.keep(one.mask) if one.mask and not one.mask_path else one.mask_path,
    }
    return made if one.index is None else {**made, "index": one.index}
