"""The figures of an epoch from counts, by the functions that score a dataset."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from datasets.evaluation.classification import figures as one
from datasets.evaluation.multilabel import figures as many

Array = np.ndarray[Any, Any]
TOP = 5
PER_CLASS = ("precision", "recall", "f1")
EACH_UP_TO = 100  # classes; those of more stand in the report alone


def of_one(matrix: Array, top: int, loss: float, classes: Sequence[str]) -> dict[str, float]:
    """Of one class per image: accuracy, balanced accuracy, macro F1, and every class as `class/<name>/f1`.

    `matrix` (k, k) counts, rows true; `top` images whose class is among the five most likely; `loss` summed.
    """
    size, total = len(classes), max(int(matrix.sum()), 1)
    per_class = one.per_class(np.concatenate([matrix, np.zeros((size, 1), dtype=matrix.dtype)], axis=1))
    means = one.averages(per_class)
    return {
        "accuracy": float(np.trace(matrix)) / total,
        **({"top5": top / total} if size > TOP else {}),
        "balanced_accuracy": means["balanced_accuracy"],
        "macro_f1": means["macro_f1"],
        "val/loss": loss / total,
        **_by_class(classes, (per_class.precision, per_class.recall, per_class.f1)),
    }


def of_many(counts: Array, precisions: Array, loss: float, total: int, classes: Sequence[str]) -> dict[str, float]:
    """Of many classes per image: mAP over classes with labels, F1 over classes and over all answers, every class.

    `counts` (3, k) are true positives, false positives and false negatives; `precisions` (k,) average precisions;
    `loss` summed over images and classes, `total` images.
    """
    found = many.Counts(*counts)
    columns, used = found.ratios, counts.sum(axis=0) > 0
    return {
        "map": _mean(precisions[found.tp + found.fn > 0]),
        "macro_f1": _mean(np.nan_to_num(columns[2][used])),
        "f1": float(np.nan_to_num(found.pooled[2])),
        "val/loss": loss / max(total * len(classes), 1),
        **_by_class(classes, columns),
    }


def _by_class(classes: Sequence[str], columns: Sequence[Array]) -> dict[str, float]:
    """What cannot be said, such as the precision of a class never answered, is left out."""
    if len(classes) > EACH_UP_TO:
        return {}
    return {
        f"class/{name}/{figure}": float(column[row])
        for row, name in enumerate(classes)
        for figure, column in zip(PER_CLASS, columns, strict=True)
        if not np.isnan(column[row])
    }


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else 0.0
