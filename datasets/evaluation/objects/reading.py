"""Reads an outcome table from the database: labels and predictions of every sample that has predictions."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from datasets.errors import EvaluationError
from datasets.evaluation.arrays import Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.table import Table
from datasets.records import Progress, no_progress
from datasets.storage import columns, documents, fields
from datasets.storage.columns import Columns, Labels

_SIZE = ("metadata.width", "metadata.height")


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
    wanted = columns.Wanted((truth, predicted), ("filepath", "split"), _SIZE)
    read = columns.read(dataset, wanted, {predicted: {"$exists": True, "$ne": None}}, ids, progress)
    if not len(read):
        raise EvaluationError(
            f"expected predictions in field {field!r} of dataset {dataset!r}, found none in the chosen samples; "
            "predict first, or choose samples that were predicted"
        )
    return _table(read, truth, predicted, lambda used: fields.class_order(found, label_field, used))


def _table(read: Columns, truth: str, predicted: str, order: Callable[[Iterable[str]], tuple[str, ...]]) -> Table:
    """Classes as `order` puts the names of the labels; names that only predictions use follow, sorted."""
    names = read.names
    used = [names[code] for code in np.unique(read.labels[truth].label)]
    guessed = {names[code] for code in np.unique(read.labels[predicted].label)}
    known = order(used)
    known = (*known, *sorted({*used} - {*known}))  # `order` does not know labels without a name
    classes = (*known, *sorted(guessed - {*known}))
    place = {name: row for row, name in enumerate(classes)}
    codes = np.array([place.get(name, -1) for name in names], np.int64)
    size = np.nan_to_num(np.stack([read.numbers[path] for path in _SIZE], axis=1)).astype(np.int64)
    return Table(
        columns.texts_of(read.id).tolist(),
        read.texts["filepath"],
        read.texts["split"],
        size,
        classes,
        _boxes(read.labels[truth], codes, size),
        _boxes(read.labels[predicted], codes, size),
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
