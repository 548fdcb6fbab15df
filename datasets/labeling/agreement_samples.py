"""How far people agree about one sample: for each kind of field a measure of two people, and what kappa is told from.

The measure (0 to 1) is for a class whether it is the same; for classes their Jaccard index; for objects twice the IoU
of those found by both under one class, over all objects of the two (panoptic quality, Kirillov et al. 2019); for
whole masks the mean IoU of the classes that either used.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from datasets.errors import FieldError
from datasets.kinds import POLYLINE, Kind
from datasets.labeling import agreement_shapes as shapes
from datasets.labeling.agreement_shapes import Size
from datasets.records import Label

Given = Sequence[Label] | None  # the labels of one person; None where they have not labeled the sample
Two = tuple[int, int]


@dataclass(frozen=True)
class Seen:
    """Two people on one sample: the measure, and how often which classes met.

    For objects also the IoU of each that both found; `objects` is how many the two drew together.
    """

    measure: float
    met: Mapping[tuple[str, str], int]
    ious: tuple[float, ...] = ()
    objects: int = 0


@dataclass(frozen=True)
class Compared:
    """All people on one sample: each two of them, and the classes that all gave to one thing, for Fleiss' kappa."""

    pairs: Mapping[Two, Seen]
    ratings: Sequence[tuple[str, ...]] = field(default=())

    @property
    def disagreement(self) -> float | None:
        """1 minus the mean measure of all pairs; None where fewer than two people labeled the sample."""
        found = [one.measure for one in self.pairs.values()]
        return 1 - sum(found) / len(found) if found else None


def compare(kind: Kind, each: Sequence[Given], size: Size, classes: Sequence[str], threshold: float) -> Compared:
    """Compare what people gave to one sample. `classes` are all that the fields know; objects match from `threshold`.

    Raises FieldError for a kind that cannot be compared.
    """
    if kind.whole_mask:
        return _masks(each)
    if kind.of_class:
        return _classes(each, classes) if kind.many else _class(each)
    check(kind)
    return _objects(each, size, threshold)


def check(kind: Kind) -> None:
    """Raises FieldError for a kind whose labels have neither a class alone, nor pixels, nor an area."""
    if not (kind.whole_mask or kind.of_class or kind.boxes or kind.item_class == POLYLINE.item_class):
        raise FieldError(
            f"expected fields of classes, boxes, masks or polygons to compare, found {kind.word}; choose other fields"
        )


def _pairs(each: Sequence[Given]) -> list[Two]:
    there = [who for who, given in enumerate(each) if given is not None]
    return list(combinations(there, 2))


def _class(each: Sequence[Given]) -> Compared:
    """One class of the image; a person who gave none has not labeled it."""
    names = [given[0].label if given else None for given in each]
    told = [None if name is None else [Label(name)] for name in names]
    pairs = {
        (a, b): Seen(float(names[a] == names[b]), Counter([(str(names[a]), str(names[b]))])) for a, b in _pairs(told)
    }
    return Compared(pairs, [tuple(map(str, names))] if None not in names else [])


def _classes(each: Sequence[Given], classes: Sequence[str]) -> Compared:
    """Any number of classes; each class is a rating of its own: there, or not."""
    sets = [None if given is None else {one.label for one in given} for given in each]
    pairs = {}
    for a, b in _pairs(each):
        first, second = sets[a] or set(), sets[b] or set()
        known = {*classes, *first, *second}
        met = Counter((_there(name in first), _there(name in second)) for name in known)
        pairs[a, b] = Seen(len(first & second) / len(first | second) if first | second else 1.0, met)
    whole = [one for one in sets if one is not None]
    rated = [tuple(_there(name in one) for one in whole) for name in classes] if len(whole) == len(sets) else []
    return Compared(pairs, rated)


def _there(yes: bool) -> str:
    return "there" if yes else "absent"


def _objects(each: Sequence[Given], size: Size, threshold: float) -> Compared:
    drawn = [list(given or ()) for given in each]
    ious = shapes.overlaps(drawn, size)
    found, pairs = shapes.groups(drawn, ious, threshold), {}
    for a, b in _pairs(each):
        both = [(one[a], one[b]) for one in found if one[a] is not None and one[b] is not None]
        matched = [(drawn[a][x].label, drawn[b][y].label, ious.get((a, b, x, y), 0.0)) for x, y in both]  # type: ignore
        total = len(drawn[a]) + len(drawn[b])
        same = sum(iou for one, other, iou in matched if one == other)
        met = Counter((one, other) for one, other, _ in matched)
        pairs[a, b] = Seen(2 * same / total if total else 1.0, met, tuple(iou for *_, iou in matched), total)
    rated = [tuple(drawn[who][at].label for who, at in enumerate(one) if at is not None) for one in found]
    return Compared(pairs, [one for one in rated if len(one) == len(each)])


def _masks(each: Sequence[Given]) -> Compared:
    """Pixels of whole masks: the values of two that meet. A person without a mask has not labeled the sample."""
    values = [shapes.pixels(given[0]) if given else None for given in each]
    there: list[Any] = [None if one is None else () for one in values]
    return Compared({(a, b): _two_masks(values[a], values[b]) for a, b in _pairs(there)})


def _two_masks(first: Any, second: Any) -> Seen:
    if first.shape != second.shape:
        raise FieldError(
            f"expected masks of one size, found {first.shape[1]} x {first.shape[0]} and {second.shape[1]} x "
            f"{second.shape[0]} pixels; save one of them again"
        )
    codes, counts = np.unique(first.astype(np.int64) << 32 | second.astype(np.int64), return_counts=True)
    met = {(int(code >> 32), int(code & 0xFFFFFFFF)): int(count) for code, count in zip(codes, counts, strict=True)}
    rows, columns = Counter[int](), Counter[int]()
    for (one, other), count in met.items():
        rows[one] += count
        columns[other] += count
    ious = [met.get((v, v), 0) / (rows[v] + columns[v] - met.get((v, v), 0)) for v in sorted({*rows, *columns})]
    return Seen(sum(ious) / len(ious), {(str(a), str(b)): count for (a, b), count in met.items()})
