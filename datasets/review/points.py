"""Key points one by one: how well a model places each, and poses whose left and right it takes for one another."""

from dataclasses import dataclass

import numpy as np

from datasets.evaluation.arrays import Flags, Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.outcomes import FP, TP
from datasets.review.objects import Item, Look
from datasets.review.page import Page
from datasets.skeleton import Skeleton, mirrored, sigmas_of

BETTER = 0.1  # by how much OKS must rise when the sides of a pose change places
GOOD = 0.5  # similarity from which a point counts as well placed


@dataclass(frozen=True)
class PointFigure:
    """One point of all poses that were found: how many labels have it, and how well it is placed on them.

    `similarity` is the mean of its part of OKS, `placed` the share of labels on which that is at least GOOD, `distance`
    the median distance as a share of the side of the object's box. None where no label has it.
    """

    name: str
    labelled: int
    similarity: float | None
    placed: float | None
    distance: float | None


def figures(look: Look) -> list[PointFigure]:
    """Each point of the poses that were found at the thresholds of the look; none for objects without key points."""
    found, part = look._found, look._part  # same room: a Look is the outcomes of a part
    hits = np.flatnonzero(found.predictions == TP)
    names, rows = _names(look), _same(look, hits, found.partner[hits])
    if not len(names) or not len(rows):
        return []
    similar, seen = _similarities(look, rows, found.partner[rows])
    box = part.labels.box[found.partner[rows]] * np.tile(part.table.size[part.predictions.image[rows]], 2)
    apart = _distances(look, rows, found.partner[rows]) / np.sqrt(box[:, 2] * box[:, 3])[:, None]
    return [_figure(name, similar[seen[:, at], at], apart[seen[:, at], at]) for at, name in enumerate(names)]


def swapped(look: Look, page: int = 0, size: int = 60) -> Page[Item]:
    """Predictions that would fit their label better by OKS if left and right changed places, worst first."""
    found, order = look._found, np.array(mirrored(_names(look)), np.int64)
    shown = np.flatnonzero(np.isin(found.predictions, (TP, FP)) & (found.partner >= 0))
    rows = _same(look, shown, found.partner[shown]) if len(order) else shown[:0]
    gain = np.empty(0)
    if len(rows):
        labels = found.partner[rows]
        own, other = (_oks(*_similarities(look, rows, labels, turned)) for turned in (None, order))
        gain = other - own
    kept = gain > BETTER
    return look._page(found.partner[rows[kept]], rows[kept], -gain[kept], page, size)


def _names(look: Look) -> tuple[str, ...]:
    skeleton = Skeleton.read(look.about.get("skeleton"))
    if skeleton and skeleton.points:
        return skeleton.points
    every = look._part.labels.points
    most = max((len(one) for one in every), default=0) if every is not None else 0
    return tuple(f"point {number}" for number in range(1, most + 1))


def _same(look: Look, predictions: Ints, labels: Ints) -> Ints:
    """Those of the predictions whose label has as many points as the skeleton, and so have they."""
    part, count = look._part, len(_names(look))
    if part.labels.points is None or part.predictions.points is None:
        return predictions[:0]
    pairs = zip(part.predictions.points[predictions], part.labels.points[labels], strict=True)
    rows: Ints = predictions[np.array([len(one) == len(other) == count for one, other in pairs], np.bool_)]
    return rows


def _distances(look: Look, predictions: Ints, labels: Ints, order: Ints | None = None) -> Floats:
    """Pixels (n, k) between the points of predictions, in another order if given, and those of their labels."""
    part = look._part
    found, known = _stacked(part.predictions, predictions), _stacked(part.labels, labels)
    found = found if order is None else found[:, order]
    size = part.table.size[part.predictions.image[predictions]][:, None]
    return np.asarray(np.linalg.norm((found[..., :2] - known[..., :2]) * size, axis=2))


def _similarities(look: Look, predictions: Ints, labels: Ints, order: Ints | None = None) -> tuple[Floats, Flags]:
    """The parts (n, k) of OKS, and which of them count."""
    part = look._part
    apart = _distances(look, predictions, labels, order)
    sigmas = np.array(sigmas_of(Skeleton.read(look.about.get("skeleton")), apart.shape[1]))
    area = part.labels.area[labels][:, None] + np.finfo(np.float64).eps
    seen = _stacked(part.labels, labels)[..., 2] > 0
    return np.exp(-(np.where(seen, apart, 0.0) ** 2) / (2 * sigmas) ** 2 / area / 2), seen


def _stacked(rows: Boxes, chosen: Ints) -> Floats:
    """The points (n, k, 3) of poses that all have k."""
    every = rows.points if rows.points is not None else np.empty(0, object)
    return np.stack(list(every[chosen]))


def _oks(similar: Floats, seen: Flags) -> Floats:
    return np.asarray((similar * seen).sum(axis=1) / np.maximum(seen.sum(axis=1), 1))


def _figure(name: str, similar: Floats, apart: Floats) -> PointFigure:
    if not len(similar):
        return PointFigure(name, 0, None, None, None)
    placed, middle = float((similar >= GOOD).mean()), float(np.median(apart))
    return PointFigure(name, len(similar), float(similar.mean()), placed, middle)
