"""Objects that several people drew on one image: how far they overlap, and which of them are the same object."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.errors import FieldError
from datasets.evaluation.objects import runs
from datasets.images import masks, outlines
from datasets.records import Label

Size = tuple[int, int] | None
Group = tuple[int | None, ...]  # the place of an object among those of each person, None where one did not draw it
Ious = dict[tuple[int, int, int, int], float]  # by two people and the places of their objects, the first person before


def overlaps(each: Sequence[Sequence[Label]], size: Size) -> Ious:
    """IoU of all objects of two people that overlap: of masks and polygons in pixels, of plain boxes exactly.

    `size` is the width and height of the image in pixels; FieldError where it is needed and unknown.
    """
    flat = [one for labels in each for one in labels]
    plain = all(one.box is not None and not masked(one) and one.points is None for one in flat)
    drawn: list[Any] = [_boxes(labels) if plain else [_runs(one, size) for one in labels] for labels in each]
    return {
        (first, second, a, b): iou
        for first, second in combinations(range(len(each)), 2)
        for a, b, iou in (_box_ious if plain else _run_ious)(drawn[first], drawn[second])
    }


def groups(each: Sequence[Sequence[Label]], ious: Ious, threshold: float) -> list[Group]:
    """The objects that are the same: each person has one at most in a group, every object is in one.

    Pairs that overlap by `threshold` are joined, those of one class first, then by falling IoU.
    """
    group = {(who, at): {who: at} for who, labels in enumerate(each) for at in range(len(labels))}

    def rank(key: tuple[int, int, int, int]) -> tuple[bool, float, tuple[int, ...]]:
        first, second, a, b = key
        return each[first][a].label != each[second][b].label, -ious[key], key

    for first, second, a, b in sorted((key for key, iou in ious.items() if iou >= threshold), key=rank):
        one, other = group[first, a], group[second, b]
        if one is not other and not one.keys() & other.keys():
            one.update(other)
            for pair in other.items():
                group[pair] = one
    found = {id(one): one for one in group.values()}.values()
    made = [tuple(one.get(who) for who in range(len(each))) for one in found]
    return sorted(made, key=lambda one: [len(each[who]) if at is None else at for who, at in enumerate(one)])


def window(labels: Sequence[Label], size: Size) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Pixels of objects (n, h, w; 1 inside) within the smallest window that holds them all, and its top left pixel."""
    known = _known(size)
    placed = [_placed(one, known) for one in labels]
    left, top = min(x for _, x, _ in placed), min(y for _, _, y in placed)
    right = max(x + mask.shape[1] for mask, x, _ in placed)
    bottom = max(y + mask.shape[0] for mask, _, y in placed)
    made = np.zeros((len(labels), bottom - top, right - left), np.uint8)
    for layer, (mask, x, y) in zip(made, placed, strict=True):
        layer[y - top : y - top + mask.shape[0], x - left : x - left + mask.shape[1]] = mask
    return made, (left, top)


def pixels(label: Label) -> NDArray[Any]:
    """The mask (h, w) of a label that has one."""
    return masks.read({"_id": label.id, "mask": label.mask, "mask_path": label.mask_path})


def _placed(label: Label, size: tuple[int, int]) -> tuple[NDArray[np.uint8], int, int]:
    box = label.box or (0.0, 0.0, 1.0, 1.0)
    if masked(label):
        return outlines.placed(pixels(label), box, size)
    x, y, wide, high = box[0] * size[0], box[1] * size[1], box[2] * size[0], box[3] * size[1]
    full = np.ones((max(round(y + high) - round(y), 1), max(round(x + wide) - round(x), 1)), np.uint8)
    return outlines.placed(full, box, size)


def masked(label: Label) -> bool:
    """Whether a label has a mask."""
    return label.mask is not None or label.mask_path is not None


def _known(size: Size) -> tuple[int, int]:
    if size is None:
        raise FieldError("expected the size of the image to be known, found none; compute the dataset's metadata")
    return size


def _boxes(labels: Sequence[Label]) -> NDArray[np.float64]:
    return np.array([one.box for one in labels], np.float64).reshape(-1, 4)


def _runs(label: Label, size: Size) -> NDArray[np.int64]:
    """Runs of an object; polygons of a polyline are filled, and a line of two points has no pixel."""
    wide, high = _known(size)
    if label.points is not None:
        closed = [np.array(part, np.float64) * (wide, high) for part in label.points if len(part) > 2]
        if not closed:
            return np.empty((0, 2), np.int64)
        edges = np.cumsum(outlines.polygon_runs(closed, (wide, high)))  # column by column, as all others of its kind
        return np.stack([edges[: len(edges) - 1 : 2], edges[1::2]], axis=1)
    if masked(label):
        mask, left, top = outlines.placed(pixels(label), label.box or (0, 0, 1, 1), (wide, high))
        return runs.runs(mask, (left, top), (wide, high))
    return runs.box_runs(np.array(label.box), (wide, high))


def _run_ious(first: list[Any], second: list[Any]) -> Iterator[tuple[int, int, float]]:
    a, b, iou = runs.ious(first, second, np.zeros(len(second), np.bool_))
    yield from zip(a.tolist(), b.tolist(), iou.tolist(), strict=True)


def _box_ious(first: NDArray[np.float64], second: NDArray[np.float64]) -> Iterator[tuple[int, int, float]]:
    one, other = first[:, None], second[None]
    start = np.maximum(one[..., :2], other[..., :2])
    end = np.minimum(one[..., :2] + one[..., 2:], other[..., :2] + other[..., 2:])
    shared = np.clip(end - start, 0, None).prod(-1)
    whole = one[..., 2:].prod(-1) + other[..., 2:].prod(-1) - shared
    for a, b in np.argwhere(shared > 0).tolist():
        yield a, b, float(shared[a, b] / whole[a, b])
