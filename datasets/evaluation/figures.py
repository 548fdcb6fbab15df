"""Figures: what is measured, in which unit, over which range, and whether higher or lower is better.

Each protocol declares every figure that its reports hold; the first is the one that ranks runs and picks the best epoch
of a training. Pages, cards and trainers read these records and know no figure by name.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from datasets.errors import EvaluationError

Better = Literal["higher", "lower"]
Range = tuple[float | None, float | None]
NOTHING = "–"  # a figure that was not measured, in words
RATIO: Range = (0, 1)
POSITIVE: Range = (0, None)
SIDES = ("train", "val")  # prefixes of losses in the events of an epoch: train/<loss>, val/<loss>
OF_CLASS = "class"  # prefix of the figures of one class there: class/<name>/<figure>


@dataclass(frozen=True)
class Figure:
    """One measured number.

    `range` holds the least and the greatest possible value, None where there is no limit. `unit` is empty for ratios
    and counts. `digits` are shown after the decimal point. `help` defines the figure and names its source. `headline`
    marks figures to show where there is room for a few only.
    """

    name: str
    title: str
    unit: str = ""
    better: Better = "higher"
    range: Range = RATIO
    digits: int = 3
    help: str = ""
    headline: bool = False

    def __post_init__(self) -> None:
        """Raises EvaluationError for an empty range or an invalid direction."""
        low, high = self.range
        if low is not None and high is not None and low >= high:
            raise EvaluationError(f"figure {self.name!r}: expected a rising range, found {self.range}; swap its ends")
        if self.better not in ("higher", "lower"):
            raise EvaluationError(f"figure {self.name!r}: expected better to be higher or lower, found {self.better!r}")

    @property
    def heading(self) -> str:
        """The title with the unit, as for a column or an axis."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def definition(self) -> str:
        """The help text, and which way is better."""
        return f"{self.help}; {self.better} is better" if self.help else f"{self.better} is better"

    @property
    def printf(self) -> str:
        """The format of one value, without its unit, for tables that take printf formats."""
        return f"%.{self.digits}f" if self.digits else "%d"

    @property
    def worst(self) -> float:
        """A value that every measured one is better than."""
        return -math.inf if self.better == "higher" else math.inf

    def text(self, value: float | None, digits: int | None = None) -> str:
        """A value for people, with its unit; a dash for none."""
        if value is None or math.isnan(value):
            return NOTHING
        shown = f"{value:,.{self.digits if digits is None else digits}f}"
        return f"{shown} {self.unit}" if self.unit else shown

    def beats(self, value: float, other: float) -> bool:
        """Whether the first value is better than the second; NaN is never better, and any number is better than NaN."""
        if math.isnan(value) or math.isnan(other):
            return math.isnan(other) and not math.isnan(value)
        return value > other if self.better == "higher" else value < other

    def best(self, values: Iterable[float | None]) -> float | None:
        """The best of the values that are known; None without any."""
        known = self.ranked([value for value in values if value is not None and not math.isnan(value)])
        return known[0] if known else None

    def ranked(self, values: Sequence[float]) -> list[float]:
        """Values from best to worst."""
        return sorted(values, reverse=self.better == "higher")


def find(declared: Iterable[Figure], name: str) -> Figure:
    """The figure of this name. Raises EvaluationError that lists the declared ones."""
    known = {one.name: one for one in declared}
    if name not in known:
        raise EvaluationError(f"expected a figure, one of {', '.join(known)}; found {name!r}")
    return known[name]


def merged(several: Iterable[Sequence[Figure]]) -> tuple[Figure, ...]:
    """The figures of several protocols, each name once, as the first protocol declares it."""
    found: dict[str, Figure] = {}
    for declared in several:
        for one in declared:
            found.setdefault(one.name, one)
    return tuple(found.values())


def headline(declared: Iterable[Figure]) -> list[Figure]:
    """The figures to show where there is room for a few only."""
    return [one for one in declared if one.headline]


def logged(name: str, declared: Iterable[Figure] = ()) -> Figure:
    """The figure that a name in the events of an epoch stands for.

    `declared` are those of the protocol. `train/<loss>` and `val/<loss>` are losses, `class/<name>/<figure>` a figure
    of one class, `lr` the learning rate. Other names stand for plain numbers.
    """
    first, _, rest = name.partition("/")
    if first in SIDES and rest:
        return Figure(name, spelled(rest), better="lower", range=POSITIVE)
    known = {one.name: one for one in declared}
    if first == OF_CLASS and rest:
        name = name.rpartition("/")[2]
        known = {one.name: one for one in PER_CLASS}
    if name == LEARNING_RATE.name:
        return LEARNING_RATE
    return known.get(name) or Figure(name, spelled(name), range=(None, None))


def spelled(name: str) -> str:
    """A name as a heading: `box_loss` becomes `Box loss`."""
    text = name.replace("_", " ").replace("/", " ").strip()
    return text[:1].upper() + text[1:]


def _ratio(name: str, title: str, help: str = "", *, better: Better = "higher", headline: bool = True) -> Figure:
    return Figure(name, title, better=better, help=help, headline=headline)


def _count(name: str, title: str, help: str, better: Better = "higher") -> Figure:
    return Figure(name, title, better=better, range=POSITIVE, digits=0, help=help)


LEARNING_RATE = Figure("lr", "Learning rate", range=POSITIVE, digits=6)
LOSS = Figure("loss", "Loss of each batch", better="lower", range=POSITIVE)

_COCO = "as pycocotools computes it"
_AREAS = {"small": "up to 32² pixels", "medium": "32² to 96² pixels", "large": "from 96² pixels on"}
_PRECISION = _ratio("precision", "Precision", "share of the predictions that are right")
_RECALL = _ratio("recall", "Recall", "share of the labels that are found")
_F1 = _ratio("f1", "F1", "harmonic mean of precision and recall")
_HITS = _count("tp", "Hits", "predictions that match a label: true positives")
_FALSE = _count("fp", "False positives", "predictions that match no label", "lower")
_MISSED = _count("fn", "Missed", "labels that no prediction matches: false negatives", "lower")

_FOUND = (
    _ratio("map", "mAP", f"average precision, the mean over classes and IoU 0.50 to 0.95, {_COCO}"),
    _ratio("map50", "AP50", f"average precision at IoU 0.50, the mean over classes, {_COCO}"),
    _ratio("map75", "AP75", f"average precision at IoU 0.75, the mean over classes, {_COCO}"),
)
_BOXES_OF_MASKS = (
    _ratio("box_map", "Box mAP", f"mAP of the boxes around the masks, {_COCO}"),
    _ratio("box_map50", "Box AP50", f"AP50 of the boxes around the masks, {_COCO}"),
    _ratio("box_map75", "Box AP75", f"AP75 of the boxes around the masks, {_COCO}; in trainings only", headline=False),
)
_AT_THRESHOLDS = (_PRECISION, _RECALL, _F1, _HITS, _FALSE, _MISSED)
_BY_SIZE = (
    *(_ratio(f"map_{area}", f"mAP {area}", f"mAP of objects of {size}, {_COCO}", headline=False)
      for area, size in _AREAS.items()),
    *(_ratio(f"ar_{most}", f"AR {most}", f"mean recall with at most {most} predictions per image and class, {_COCO}",
             headline=False) for most in (1, 10, 100)),
    *(_ratio(f"ar_{area}", f"AR {area}", f"mean recall of objects of {size}, {_COCO}", headline=False)
      for area, size in _AREAS.items()),
)  # fmt: skip

OBJECTS = (*_FOUND, *_AT_THRESHOLDS, *_BY_SIZE)
MASKS = (*_FOUND, *_BOXES_OF_MASKS, *_AT_THRESHOLDS, *_BY_SIZE)

_OKS = "object keypoint similarity (OKS)"
_POSES_BY_SIZE = ("medium", "large")
KEYPOINTS = (
    _ratio("map", "mAP", f"average precision, the mean over classes and {_OKS} 0.50 to 0.95, {_COCO}"),
    _ratio("map50", "AP50", f"average precision at OKS 0.50, the mean over classes, {_COCO}"),
    _ratio("map75", "AP75", f"average precision at OKS 0.75, the mean over classes, {_COCO}"),
    _ratio("box_map", "Box mAP", f"mAP of the boxes of the objects, {_COCO}"),
    _ratio("box_map50", "Box AP50", f"AP50 of the boxes of the objects, {_COCO}"),
    *_AT_THRESHOLDS,
    *(_ratio(f"map_{area}", f"mAP {area}", f"mAP of objects of {_AREAS[area]}, {_COCO}", headline=False)
      for area in _POSES_BY_SIZE),
    _ratio("ar_20", "AR", f"mean recall with at most 20 predictions per image and class, {_COCO}", headline=False),
    _ratio("ar50", "AR50", f"the same at OKS 0.50, {_COCO}", headline=False),
    _ratio("ar75", "AR75", f"the same at OKS 0.75, {_COCO}", headline=False),
    *(_ratio(f"ar_{area}", f"AR {area}", f"mean recall of objects of {_AREAS[area]}, {_COCO}", headline=False)
      for area in _POSES_BY_SIZE),
)  # fmt: skip

_AUROC = _ratio("auroc", "AUROC", "chance that an image of a class scores above one without it, the mean over classes")
_CLASS_MAP = _ratio("map", "mAP", "average precision of each class against the rest, the mean over classes")
_MACRO_F1 = _ratio("macro_f1", "Macro F1", "F1 of each class, the mean over classes")
_MACRO = (
    _ratio("macro_precision", "Macro precision", "precision of each class, the mean over classes", headline=False),
    _ratio("macro_recall", "Macro recall", "recall of each class, the mean over classes", headline=False),
)

ONE_CLASS = (
    _ratio("accuracy", "Accuracy", "share of the images that are classified right; no answer counts as wrong"),
    _ratio("balanced_accuracy", "Balanced accuracy", "recall of each labelled class, the mean over classes"),
    _MACRO_F1,
    _ratio("top5", "Top 5", "share of the images whose class is among the five most probable ones"),
    _AUROC,
    _CLASS_MAP,
    _ratio("ece", "ECE", "expected calibration error: mean gap of confidence and accuracy in 15 bins (Guo et al. 2017)",
           better="lower"),
    Figure("log_loss", "Log loss", better="lower", range=POSITIVE,
           help="mean negative logarithm of the probability of the true class"),
    _ratio("answered", "Answered", "share of the images whose answer reaches the confidence", headline=False),
    _ratio("accuracy_of_answered", "Accuracy of answered", "share of the answers that are right", headline=False),
    *_MACRO,
    _ratio("weighted_f1", "Weighted F1", "F1 of each class, weighted by its labels", headline=False),
    _ratio("top1", "Top 1", "share of the images whose class is the most probable one, whatever its confidence",
           headline=False),
)  # fmt: skip

MANY_CLASSES = (
    _CLASS_MAP,
    _AUROC,
    replace(_F1, title="Micro F1", help="F1 over all answers together"),
    _MACRO_F1,
    _PRECISION,
    _RECALL,
    _ratio("subset_accuracy", "Subset accuracy", "share of the images on which every class is right"),
    _ratio("hamming_loss", "Hamming loss", "share of wrong answers among images times classes", better="lower"),
    *_MACRO,
)

_BOUNDARY = _ratio("boundary_f1", "Boundary F1", "F1 of contours within 0.75 % of the diagonal (Csurka et al. 2013)")
SEMANTIC = (
    _ratio("miou", "mIoU", "intersection over union of each class over all pixels, the mean over classes"),
    _ratio("mdice", "mDice", "Dice coefficient of each class over all pixels, the mean over classes"),
    _ratio("pixel_accuracy", "Pixel accuracy", "share of the pixels that are right"),
    _ratio("mean_accuracy", "Mean accuracy", "recall of each labelled class, the mean over classes"),
    _ratio("fw_iou", "Weighted IoU", "IoU of each class, weighted by its pixels"),
    _BOUNDARY,
    _ratio("sample_miou", "Mean image IoU", "mIoU of each image, the mean over images"),
)

PER_CLASS = (  # of one class, whatever the protocol
    _ratio("ap", "AP", "average precision; of objects the mean over IoU (or OKS) 0.50 to 0.95"),
    _ratio("ap50", "AP50", "average precision at IoU 0.50"),
    _ratio("ar", "AR", "mean recall over IoU 0.50 to 0.95"),
    _ratio("iou", "IoU", "intersection over union of the pixels"),
    _ratio("dice", "Dice", "Dice coefficient of the pixels"),
    _PRECISION, _RECALL, _F1,
    replace(_BOUNDARY, help=f"{_BOUNDARY.help}, the mean over images where the class has a contour"),
    _ratio("auroc", "AUROC", "chance that an image of the class scores above one without it"),
    _HITS, replace(_FALSE, title="FP"), _MISSED,
    _count("labels", "Labels", "labels of the class"),
    _count("support", "Labels", "labels of the class"),
    _count("predicted", "Answers", "images that are classified so"),
    _count("pixels", "Pixels", "labelled pixels of the class"),
    _count("predicted_pixels", "Predicted pixels", "pixels that are predicted so"),
)  # fmt: skip
