"""Reads an outcome table from the database: labels and predictions of every sample that has predictions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from datasets.errors import EvaluationError
from datasets.evaluation.arrays import Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.table import Table
from datasets.records import Progress, no_progress
from datasets.storage import columns, documents, fields
from datasets.storage.columns import Columns, Labels

SIZE = ("metadata.width", "metadata.height")
SAMPLE = ("filepath", "split"), SIZE  # what is read of each sample


def read_table(
    dataset: str,
    label_field: str,
    field: str,
    ids: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> Table:
    """The table of all samples (of `ids` alone, if given) whose `field` holds predictions, even an empty list.

    In the order of the database: ties in confidence must not depend on the order of a view.
    Raises FieldError for fields that are absent or hold no boxes, EvaluationError when no sample has predictions.
    """
    found = documents.of(dataset)
    truth, predicted = (fields.box_path(found, name) for name in (label_field, field))
    asked = Reading(found, (label_field, field), columns.Wanted((truth, predicted), *SAMPLE), (_boxes, _boxes))
    return read_as(asked, ids, progress)


@dataclass(frozen=True)
class Reading:
    """What to read of a dataset's document: label field and prediction field, their columns, and how rows are made.

    `made` are for labels and for predictions: called with (columns, codes, size) they give the objects of a field;
    `codes` are places of names in the classes, `size` (s, 2) pixels of each sample.
    """

    document: documents.Document
    names: tuple[str, str]
    wanted: columns.Wanted
    made: tuple[Callable[[Labels, Ints, Ints], Boxes], Callable[[Labels, Ints, Ints], Boxes]]


def read_as(asked: Reading, ids: Sequence[str] | None, progress: Progress) -> Table:
    """The table of what is asked for; see `read_table`."""
    dataset, (label_field, field) = asked.document["name"], asked.names
    predicted = asked.wanted.labels[1]
    read = columns.read(dataset, asked.wanted, {predicted: {"$exists": True, "$ne": None}}, ids, progress)
    if not len(read):
        raise EvaluationError(
            f"expected predictions in field {field!r} of dataset {dataset!r}, found none in the chosen samples; "
            "predict first, or choose samples that were predicted"
        )
    return _table(read, asked, lambda used: fields.class_order(asked.document, label_field, used))


def _table(read: Columns, asked: Reading, order: Callable[[Iterable[str]], tuple[str, ...]]) -> Table:
    """Classes as `order` puts the names of the labels; names that only predictions use follow, sorted."""
    names, (truth, predicted) = read.names, asked.wanted.labels
    used = [names[code] for code in np.unique(read.labels[truth].label)]
    guessed = {names[code] for code in np.unique(read.labels[predicted].label)}
    known = order(used)
    known = (*known, *sorted({*used} - {*known}))  # `order` does not know labels without a name
    classes = (*known, *sorted(guessed - {*known}))
    place = {name: row for row, name in enumerate(classes)}
    codes = np.array([place.get(name, -1) for name in names], np.int64)
    size = np.nan_to_num(np.stack([read.numbers[path] for path in SIZE], axis=1)).astype(np.int64)
    return Table(
        columns.texts_of(read.id).tolist(),
        read.texts["filepath"],
        read.texts["split"],
        size,
        classes,
        asked.made[0](read.labels[truth], codes, size),
        asked.made[1](read.labels[predicted], codes, size),
    )


def _boxes(found: Labels, codes: Ints, size: Ints) -> Boxes:
    ids = columns.texts_of(found.id)
    bad = np.flatnonzero(found.numbers != 4)
    if len(bad):
        raise EvaluationError(
            f"expected a box of four numbers in every label, found {found.numbers[bad[0]]} numbers in label "
            f"{ids[bad[0]]} and {len(bad) - 1} more; repair or delete these labels"
        )
    return Boxes(
        image=found.sample,
        label=codes[found.label],
        box=found.box,
        area=found.box[:, 2] * found.box[:, 3] * size[found.sample].prod(axis=1),
        confidence=found.confidence,
        crowd=found.crowd,
        id=ids,
    )
