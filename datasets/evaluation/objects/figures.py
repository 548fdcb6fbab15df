"""The figures of detection: the COCO summary, and precision, recall and F1 at one confidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.objects.boxes import Boxes
from datasets.evaluation.objects.curves import Curves, by_class, curves
from datasets.evaluation.objects.matching import Matches, match
from datasets.evaluation.objects.overlaps import Overlaps

# https://cocodataset.org/#detection-eval, as `Params.setDetParams` of pycocotools spells them.
IOUS = np.linspace(0.5, 0.95, 10)
AREAS = {"small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
MOST = (1, 10, 100)


@dataclass(frozen=True)
class Limits:
    """The numbers of predictions per sample and class at which recall is measured, and ranges of areas by name.

    The last number holds for every precision.
    """

    most: tuple[int, ...] = MOST
    areas: Mapping[str, tuple[float, float]] = field(default_factory=lambda: AREAS)


OBJECTS = Limits()
POSES = Limits((20,), {name: AREAS[name] for name in ("medium", "large")})  # `Params.setKpParams`


@dataclass(frozen=True)
class Summary:
    """Figures in [0, 1], NaN where undefined. Figures per class are arrays (k) in the order of the classes.

    `area` holds mean precision and recall of small, medium and large objects; `recall_at` the mean recall by maximum
    number of predictions per sample and class.
    """

    curves: Curves
    map: float
    map50: float
    map75: float
    area: dict[str, tuple[float, float]]
    recall_at: dict[int, float]
    class_ap: Floats
    class_ap50: Floats
    class_recall: Floats


def summarize(
    labels: Boxes, predictions: Boxes, classes: int, limits: Limits = OBJECTS, overlaps: Overlaps | None = None
) -> Summary:
    """The figures of pycocotools' `summarize`, equal to 1e-9.

    IoU is that of the boxes (`bbox`), unless `overlaps` gives that of masks (`segm`) or of poses (`keypoints`).
    """
    most = limits.most
    matches = match(labels, predictions, IOUS, overlaps=overlaps)
    order = by_class(predictions)
    full = curves(labels, predictions, matches, classes, most=most[-1], order=order)
    fewer = {count: curves(labels, predictions, matches, classes, most=count, order=order) for count in most[:-1]}
    per_class = full.average_precision
    return Summary(
        curves=full,
        map=full.mean_precision(),
        map50=_nanmean(per_class[0]),
        map75=_nanmean(per_class[5]),
        area={
            name: _of_area(labels, predictions, classes, bounds, most=most[-1], overlaps=overlaps, order=order)
            for name, bounds in limits.areas.items()
        },
        recall_at={count: found.mean_recall() for count, found in {**fewer, most[-1]: full}.items()},
        class_ap=per_class.mean(axis=0),
        class_ap50=per_class[0],
        class_recall=np.where(full.labels > 0, full.recall.mean(axis=0), np.nan),
    )


def mean_precisions(labels: Boxes, predictions: Boxes, classes: int) -> tuple[float, float]:
    """mAP and mAP50 of boxes alone, as `summarize` gives them; areas are ignored."""
    found = curves(labels, predictions, match(labels, predictions, IOUS), classes, most=MOST[-1])
    return found.mean_precision(), _nanmean(found.average_precision[0])


def best_confidence(labels: Boxes, predictions: Boxes, matches: Matches) -> float:
    """The confidence at which F1 over all objects is highest, at the first threshold of `matches`; 0 without hits."""
    rows = np.flatnonzero(~matches.ignored[0] & ~np.isnan(predictions.confidence))
    rows = rows[np.argsort(-predictions.confidence[rows], kind="stable")]
    if not len(rows):
        return 0.0
    hits = np.cumsum(matches.label[0, rows] >= 0)
    f1 = 2 * hits / (np.arange(1, len(rows) + 1) + int((~labels.crowd).sum()))
    # Equal confidences are shown together: only the last of them is a possible threshold.
    last = np.append(np.diff(predictions.confidence[rows]) != 0, True)
    return float(predictions.confidence[rows[np.argmax(np.where(last, f1, -1))]])


def _of_area(
    labels: Boxes,
    predictions: Boxes,
    classes: int,
    bounds: tuple[float, float],
    *,
    most: int,
    overlaps: Overlaps | None,
    order: Ints,
) -> tuple[float, float]:
    matches = match(labels, predictions, IOUS, area=bounds, overlaps=overlaps)
    found = curves(labels, predictions, matches, classes, most=most, area=bounds, order=order)
    return found.mean_precision(), found.mean_recall()


def _nanmean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
