"""Reads poses from the database: labels and predictions of every sample that has predictions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets import kinds, poses
from datasets.errors import EvaluationError
from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.keypoints.similarity import Measured, bounds, similarities
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.reading import SAMPLE, Reading, read_as
from datasets.evaluation.objects.table import Table
from datasets.records import Progress, no_progress
from datasets.skeleton import COCO, Skeleton, sigmas_of
from datasets.storage import columns, documents, fields, labels, skeletons
from datasets.storage.columns import Labels

_KIND = kinds.KEYPOINTS
_SURE, _VISIBLE, _AREA = _KIND.confidence, poses.VISIBLE, poses.AREA


def path_of(document: documents.Document, name: str) -> str:
    """Where the poses of a field with any number of them lie. Raises FieldError for another field."""
    found = fields.label_field(document, name, lambda kind: kinds.kind(kind) is _KIND, "key points")
    return labels.list_path(found.stored, _KIND.name)


def read_table(
    dataset: str,
    label_field: str,
    field: str,
    ids: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> Table:
    """The table of all samples (of `ids` alone, if given) whose `field` holds predictions, with the OKS of all pairs.

    The sigmas are those of the label field's skeleton, see `skeleton.sigmas_of`. Raises FieldError for fields that are
    absent or hold no key points, EvaluationError when no sample has predictions, for images of unknown size, and when
    labels and predictions have other numbers of points throughout.
    """
    found = documents.of(dataset)
    paths = tuple(path_of(found, name) for name in (label_field, field))
    wanted = columns.Wanted(paths, *SAMPLE, (_SURE, _AREA), ("points", _VISIBLE, "confidence"))
    table = read_as(Reading(found, (label_field, field), wanted, (_labelled, _predicted)), ids, progress)
    _check_sizes(table)
    skeleton = skeletons.of(found, label_field) or skeletons.of(found, field)
    return _compared(replace(table, kind=_KIND), skeleton)


def _compared(table: Table, skeleton: Skeleton | None) -> Table:
    ours, theirs = (_counts(rows) for rows in (table.labels, table.predictions))
    if ours and theirs and not ours.keys() & theirs.keys():
        raise EvaluationError(
            f"expected predictions of {_told(ours)} points, as the labels have, found {_told(theirs)}; "
            "choose a model of these points"
        )
    most = max(ours or theirs, key=(ours or theirs).__getitem__, default=0)
    sigmas = sigmas_of(skeleton, most)
    overlaps = similarities(table.labels, table.predictions, Measured(table.size, np.array(sigmas)))
    about = {"skeleton": skeleton.plain() if skeleton else None, "similarity": _similarity(sigmas, skeleton)}
    return replace(table, overlaps=overlaps, about=about)


def _similarity(sigmas: Sequence[float], skeleton: Skeleton | None) -> str:
    if not sigmas:
        return ""
    own = skeleton is not None and tuple(skeleton.sigmas) == tuple(sigmas) and sigmas != COCO.sigmas
    words = "those of the skeleton" if own else f"1/{len(sigmas)} for every point"
    words = "those of COCO's persons" if tuple(sigmas) == COCO.sigmas else words
    return f"sigmas: {words}; areas: those of the labels, else {poses.FILLED:g} of the box"


def _counts(rows: Boxes) -> Counter[int]:
    return Counter(len(one) for one in rows.points if len(one)) if rows.points is not None else Counter()


def _told(counts: Counter[int]) -> str:
    return " or ".join(map(str, sorted(counts)))


def _check_sizes(table: Table) -> None:
    bad = np.flatnonzero((table.size <= 0).any(axis=1))
    if len(bad):
        raise EvaluationError(
            f"expected the size of {table.path[bad[0]]} to be known, found none; import the image again, or let "
            "FiftyOne compute its metadata"
        )


def _labelled(found: Labels, codes: Ints, size: Ints) -> Boxes:
    """Labels; on those without a point predictions are ignored. Areas in square pixels are what they say, or usual."""
    points = _points(found, _visibility(found))
    rows = _rows(found, codes[found.label], points)
    told, pixels = _numbers(found, _AREA), size[found.sample].prod(axis=1)
    usual = poses.FILLED * rows.box[:, 2] * rows.box[:, 3]
    bare = np.array([not (one[:, 2] > 0).any() for one in points], np.bool_).reshape(-1)
    area = np.where(told > 0, told, usual) * pixels
    return replace(rows, area=area, crowd=found.crowd | bare, once=bare & ~found.crowd)


def _predicted(found: Labels, codes: Ints, size: Ints) -> Boxes:
    """Predictions; their areas are those around their points. Confidence is their own, else the mean of their points'.

    FiftyOne takes this mean. Without either it is missing.
    """
    start = _starts(found)
    points = _points(found, _aligned(found.extra["confidence"], start))
    rows, inner = _rows(found, codes[found.label], points), bounds(points)
    sure, each = _numbers(found, _SURE), [one[~np.isnan(one[:, 2]), 2] for one in points]
    mean = np.array([one.mean() if len(one) else np.nan for one in each], np.float64)
    area = inner[:, 2] * inner[:, 3] * size[found.sample].prod(axis=1)
    return replace(rows, area=area, confidence=np.where(np.isnan(sure), mean, sure))


def _rows(found: Labels, label: Ints, points: NDArray[Any]) -> Boxes:
    """Poses with their boxes; those without one have the box around their points."""
    own = np.asarray(found.numbers == 4) & np.isfinite(found.box).all(axis=1)
    nothing = np.zeros(len(found), np.bool_)
    return Boxes(
        image=found.sample,
        label=label,
        box=np.where(own[:, None], found.box, bounds(points)),
        area=np.zeros(len(found)),
        confidence=_numbers(found, _SURE),
        crowd=found.crowd,
        id=columns.texts_of(found.id),
        once=nothing,
        points=points,
    )


def _numbers(found: Labels, key: str) -> Floats:
    values = [value if isinstance(value, float) else np.nan for value in found.extra[key]]
    return np.array(values, np.float64)


def _starts(found: Labels) -> Ints:
    """Where the points of each pose begin, and where the last end."""
    return columns.lists_of(found.extra["points"])[1] // 2


def _visibility(found: Labels) -> Floats:
    """Of every point, as `poses.visibility` gives it."""
    start = _starts(found)
    places = columns.lists_of(found.extra["points"])[0].reshape(-1, 2)
    told = np.where(_aligned(found.extra[_VISIBLE], start) == poses.HIDDEN, poses.HIDDEN, poses.SEEN)
    return np.where(np.isnan(places).any(axis=1), poses.UNLABELLED, told).astype(np.float64)


def _points(found: Labels, third: Floats) -> NDArray[Any]:
    """Arrays (k, 3) of x, y and a third number for each point."""
    flat, start = columns.lists_of(found.extra["points"])
    whole, made = np.column_stack([flat.reshape(-1, 2), third]), np.empty(len(found), object)
    ends = (start // 2).tolist()
    for row, (first, last) in enumerate(pairwise(ends)):
        made[row] = whole[first:last]
    return made


def _aligned(values: Sequence[Any], start: Ints) -> Floats:
    """One number for each point; NaN where a list is shorter than the points, or not there."""
    flat, begin = columns.lists_of(values)
    count, given = np.diff(start), np.diff(begin)
    place = np.arange(start[-1]) - np.repeat(start[:-1], count)
    there = place < np.repeat(given, count)
    made, at = np.full(start[-1], np.nan), np.repeat(begin[:-1], count) + place
    made[there] = flat[at[there]]
    return made
