"""Output `frames`: labels of frames, each object with the number (`index`) that identifies it throughout its sequence.

Where the frames are samples themselves, images with `sequence` and `frame_number`, labels go into the field of the run.
Where the samples are videos, they go to the same field of their frames.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow.compute as pc

from datasets.handover.outputs import labels as of_samples
from datasets.handover.outputs import predicted
from datasets.handover.outputs.base import Given, Written, check_once, check_samples, label_counts, refused
from datasets.records import Finding, Progress
from datasets.storage import collection, documents, frame_collection, frames, layout


def check(given: Given) -> list[Finding]:
    """Findings about a table that can be written. Raises DatasetsError, ClassMismatch."""
    of_samples.check_labels(given)
    check_samples(given)
    numbers, counts = given.column("frame_number"), label_counts(given.table).tolist()
    if any((number is None and count) or (number or 1) < 1 for number, count in zip(numbers, counts, strict=True)):
        raise refused(given, "a frame number from 1 for all labels", "rows without", "predict again")
    given = _numbered(given)
    check_once(given, "sample_id", "frame_number")
    if not _videos(given.dataset):
        _check_numbers(given)
    return of_samples.check_names(given)


def declare(given: Given) -> None:
    """Add the field to the schema, of frames where the samples are videos. Raises FieldError for another kind."""
    if _videos(given.dataset):
        frames.declare(given.dataset, given.field, given.kind)
    else:
        of_samples.declare(given)


def write(given: Given, progress: Progress) -> Written:
    """Put the labels on their frames, in place of what the field held there."""
    if not _videos(given.dataset):
        return of_samples.write(given, progress)
    given = _numbered(replace(given, table=predicted.adopt_masks(given.path, given.table)))
    changes = _changes(given, predicted.changes(given.table, given.field, given.kind))
    frame_collection.write(given.dataset, changes, progress)
    return Written(len(given.labels))


def remove(dataset: str, field: str) -> None:
    """Take the field away, with its labels."""
    if _videos(dataset):
        frames.undeclare(dataset, field)
    else:
        of_samples.remove(dataset, field)


def _numbered(given: Given) -> Given:
    """The rows with a frame number; the others are of frames that could not be read."""
    return replace(given, table=given.table.filter(pc.is_valid(given.table["frame_number"])))


def _changes(given: Given, made: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for (sample, values), number in zip(made, given.column("frame_number"), strict=True):
        yield sample, number, values


def _check_numbers(given: Given) -> None:
    """Raises DatasetsError where a sample is not the frame that its row says."""
    ids = given.column("sample_id")
    found = collection.by_ids(given.dataset, ids, {"frame_number": 1})
    here = {str(one["_id"]): one.get("frame_number") for one in found}
    wrong = [
        (key, number) for key, number in zip(ids, given.column("frame_number"), strict=True) if here[key] != number
    ]
    if wrong:
        key, number = wrong[0]
        raise refused(
            given, f"frame {number} to be sample {key}", f"that this sample has the frame number {here[key]}",
            "predict again, the dataset has changed",
        )  # fmt: skip


def _videos(dataset: str) -> bool:
    return layout.is_video(documents.of(dataset))
