"""Counts the pixels of two fields of semantic masks: image by image, on every core, few of them in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.errors import EvaluationError, FieldError
from datasets.evaluation.arrays import Ints
from datasets.evaluation.samples import Samples, finish, predicted, stored_names
from datasets.evaluation.scoring import Asked
from datasets.evaluation.segmentation.counting import contours, joint
from datasets.images import masks
from datasets.images.mask_limits import VALUES
from datasets.kinds import SEGMENTATION
from datasets.records import Progress
from datasets.speed.workers import in_order
from datasets.storage import collection, documents, fields

VOID = 255  # counts as no class where the dataset declares no classes: Pascal VOC, Cityscapes, torchmetrics' examples
_TOLD = 5  # files named in one error
_ENOUGH = 20  # bad files after which reading stops


@dataclass(frozen=True)
class Pixels:
    """Counts of s images. `label_id` and `prediction_id` (s).

    `values` (k) and `classes` (k) of the masks; `ignored` true values that count as no class. `pairs` (p, 4): sample,
    class of the truth, class of the prediction (k for none of them), pixels. `contour` (c, 6): sample, class, and the
    four counts of `counting.contours`.
    """

    samples: Samples
    label_id: list[str]
    prediction_id: list[str]
    values: tuple[int, ...]
    classes: tuple[str, ...]
    ignored: tuple[int, ...]
    pairs: Ints
    contour: Ints

    def confusion(self, inside: NDArray[np.bool_]) -> Ints:
        """Pixels (k, k + 1) of the images that are `inside` (s)."""
        kept, count = self.pairs[inside[self.pairs[:, 0]]], len(self.classes)
        total = np.zeros((count, count + 1), np.int64)
        np.add.at(total, (kept[:, 1], kept[:, 2]), kept[:, 3])
        return total


def read(asked: Asked, progress: Progress) -> Pixels:
    """Count every pair of masks.

    Raises FieldError for fields of another kind, EvaluationError for masks that are absent, broken, or not of one size.
    """
    names = stored_names(asked, SEGMENTATION.name)
    targets = _targets(asked)
    ignored = np.zeros(VALUES, np.bool_)
    ignored[_ignored(asked, targets)] = True
    samples, ids, counted, bad = Samples(), list[tuple[str, str]](), list[_Counted](), list[str]()
    tasks = _tasks(asked, names, samples, ids, ignored)
    total = collection.samples(asked.dataset).estimated_document_count() if asked.ids is None else len(asked.ids)
    for done, one in enumerate(in_order(_count, tasks), 1):
        bad += [one] if isinstance(one, str) else []
        counted += [one] if isinstance(one, _Counted) else []
        progress(done, max(done, total))
        if len(bad) >= _ENOUGH:
            break
    if bad:
        raise EvaluationError(_told(bad))
    finish(samples, asked, names)
    return _joined(samples, ids, counted, targets, ignored)


@dataclass(frozen=True)
class _Task:
    labels: tuple[Mapping[str, Any], Mapping[str, Any]]
    path: str
    ignored: NDArray[np.bool_]


@dataclass(frozen=True)
class _Counted:
    """`pairs` (p, 3): true value, predicted value, pixels; `contour` (c, 5): value and its four counts."""

    pairs: Ints
    contour: Ints


def _targets(asked: Asked) -> dict[int, str]:
    try:
        return fields.targets(documents.of(asked.dataset), asked.label_field)
    except FieldError as wrong:
        raise EvaluationError(str(wrong)) from wrong


def _ignored(asked: Asked, targets: Mapping[int, str]) -> list[int]:
    undeclared = [value for value in range(VALUES) if value not in targets] if targets else []
    asked_for = [VOID] * (not targets) if asked.ignore is None else asked.ignore
    wrong = [value for value in asked_for if not 0 <= value < VALUES]
    if wrong:
        raise EvaluationError(f"expected values to ignore from 0 to {VALUES - 1}, found {wrong}")
    return sorted({*undeclared, *asked_for})


def _tasks(
    asked: Asked, names: tuple[str, str], samples: Samples, ids: list[tuple[str, str]], ignored: NDArray[np.bool_]
) -> Any:
    for document in predicted(asked, names, ("mask_path", "mask")):
        truth, found = document.get(names[0]) or {}, document[names[1]]
        if not masks.has_mask(truth):
            samples.pass_over(document)
        elif not masks.has_mask(found):
            split = document.get("split") or ""
            samples.missing[split] = samples.missing.get(split, 0) + 1
        else:
            samples.add(document)
            ids.append((str(truth.get("_id")), str(found.get("_id"))))
            yield _Task((truth, found), document["filepath"], ignored)


def _count(task: _Task) -> "_Counted | str":
    """The counts of one image, or the reason why it cannot be counted."""
    try:
        truth, found = (_bytes(masks.read(label), label) for label in task.labels)
    except EvaluationError as wrong:
        return str(wrong)
    if truth.shape != found.shape:
        sizes = [f"{mask.shape[1]} x {mask.shape[0]} ({_where(label)})"
                 for mask, label in zip((truth, found), task.labels, strict=True)]  # fmt: skip
        return f"{task.path}: expected masks of one size, found {sizes[0]} for the label and {sizes[1]} predicted"
    counts, edges = joint(truth, found), contours(truth, found, task.ignored)
    rows, columns = np.nonzero(counts)
    values = np.flatnonzero(edges.any(axis=1))
    return _Counted(np.stack([rows, columns, counts[rows, columns]], axis=1), np.column_stack([values, edges[values]]))


def _bytes(mask: masks.Mask, label: Mapping[str, Any]) -> NDArray[np.uint8]:
    if mask.dtype == np.uint8:
        return np.require(mask, requirements=["C", "W"])  # one kind of array, so that it is compiled once
    if mask.dtype.kind not in "iub" or (mask.size and not 0 <= int(mask.min()) <= int(mask.max()) < VALUES):
        raise EvaluationError(f"expected class indexes from 0 to {VALUES - 1}, found others in {_where(label)}")
    return mask.astype(np.uint8)


def _where(label: Mapping[str, Any]) -> str:
    return str(label.get("mask_path") or f"label {label.get('_id')}")


def _told(bad: Sequence[str]) -> str:
    more = len(bad) - _TOLD
    tail = f"; and {more}{' or more' if len(bad) >= _ENOUGH else ''} others" if more > 0 else ""
    return "; ".join(bad[:_TOLD]) + tail + "; nothing was written: make these masks again from their images"


def _joined(
    samples: Samples, ids: Sequence[tuple[str, str]], counted: Sequence[_Counted], targets: Mapping[int, str],
    ignored: NDArray[np.bool_],
) -> Pixels:  # fmt: skip
    pairs, contour = (_with_sample([getattr(one, name) for one in counted]) for name in ("pairs", "contour"))
    pairs = pairs[~ignored[pairs[:, 1]]]
    used = {int(value) for value in np.unique(pairs[:, 1:3]) if not ignored[value]}
    values = tuple(value for value in (targets or sorted(used)) if not ignored[value])
    code = np.full(VALUES, len(values), np.int64)
    code[list(values)] = np.arange(len(values))
    pairs[:, 1:3] = code[pairs[:, 1:3]]
    contour[:, 1] = code[contour[:, 1]]
    return Pixels(
        samples=samples,
        label_id=[pair[0] for pair in ids],
        prediction_id=[pair[1] for pair in ids],
        values=values,
        classes=tuple(targets.get(value, str(value)) for value in values),
        ignored=tuple(np.flatnonzero(ignored).tolist()) if not targets else (),
        pairs=_summed(pairs),
        contour=contour[contour[:, 1] < len(values)],
    )


def _with_sample(parts: Sequence[Ints]) -> Ints:
    counts = [len(part) for part in parts]
    return np.column_stack([np.repeat(np.arange(len(parts)), counts), np.concatenate(parts)])


def _summed(pairs: Ints) -> Ints:
    """Rows of one sample and one pair of classes together: several values may count as none of the classes."""
    keys, at = np.unique(pairs[:, :3], axis=0, return_inverse=True)
    total = np.bincount(at.ravel(), weights=pairs[:, 3], minlength=len(keys))
    return np.column_stack([keys, total.astype(np.int64)])
