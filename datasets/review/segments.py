"""What the Review page shows for semantic masks, from the stored counts alone: no pixel is read again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.cards import PixelsCard, Report, plain, read_as
from datasets.evaluation.scoring import known_splits
from datasets.evaluation.segmentation import occurring, storing
from datasets.evaluation.segmentation.occurring import Occurring
from datasets.evaluation.segmentation.reading import Pixels
from datasets.evaluation.segmentation.report import report
from datasets.evaluation.stored import origin, table_path
from datasets.review.page import Page
from datasets.workspace import Workspace

OTHER = "other values"  # predicted values that are none of the classes


@dataclass(frozen=True)
class SegmentImage:
    """One image. `iou` is the mean over its classes, `accuracy` the share of its pixels that are right.

    `class_iou` is the IoU of the class it is sorted by, `pixels` the count of the requested pair of classes.
    """

    sample_id: str
    path: str
    split: str
    iou: float | None
    accuracy: float | None
    class_iou: float | None = None
    pixels: int | None = None


@dataclass(frozen=True)
class ConfusedPair:
    """`pixels` of class `true` predicted as `predicted`; `share` of all pixels of `true`; `images` that have some."""

    true: str
    predicted: str
    pixels: int
    share: float
    images: int


@dataclass(frozen=True)
class ClassShare:
    """One class in one image: its IoU, and the shares of the counted pixels that are labelled and predicted so."""

    name: str
    iou: float
    labelled: float
    predicted: float


class SegmentLook:
    """The samples of one split (all for None). Made by `SegmentReview.at`."""

    def __init__(self, pixels: Pixels, about: Mapping[str, Any], split: str | None, found: Occurring) -> None:
        self._pixels, self._about, self._split, self._found = pixels, about, split, found
        self._inside = pixels.samples.inside(split)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their values."""
        return self._pixels.classes

    @cached_property
    def confusion(self) -> Ints:
        """Pixels (k, k + 1), rows true; the last column is OTHER."""
        return self._pixels.confusion(self._inside)

    @cached_property
    def ious(self) -> Floats:
        """Mean IoU of every image (s) over the classes on either side; NaN where nothing counts."""
        return occurring.mean_iou(self._found, len(self._pixels.samples))

    def report(self) -> Report[PixelsCard]:
        """The stored report; computed for a split without one."""
        known = self._about.get("reports", {}).get(self._split or "")
        return read_as(known, PixelsCard) if known else report(self._pixels, self._split, origin(self._about))

    def shares(self) -> Floats:
        """The confusion matrix with every row divided by its pixels (k, k + 1); zeros for a class without pixels."""
        total = self.confusion.sum(axis=1, keepdims=True)
        shares: Floats = np.divide(self.confusion, total, out=np.zeros(self.confusion.shape), where=total > 0)
        return shares

    def confused(self, most: int = 12) -> list[ConfusedPair]:
        """The pairs of classes with the most confused pixels, most pixels first."""
        counts = self.confusion.copy()
        np.fill_diagonal(counts, 0)
        names, shares = (*self.classes, OTHER), self.shares()
        order = np.argsort(-counts, axis=None, kind="stable")[:most]
        found = [(int(at) // counts.shape[1], int(at) % counts.shape[1]) for at in order]
        return [
            ConfusedPair(names[t], names[p], int(counts[t, p]), float(shares[t, p]), len(self._of_pair(t, p)))
            for t, p in found
            if counts[t, p]
        ]

    def images(self, by: str | None = None, *, best: bool = False, page: int = 0, size: int = 60) -> Page[SegmentImage]:
        """Images by their mean IoU, or by the IoU of one class where it occurs on either side; worst first.

        Among equals the image with more pixels of the class is worse. Raises KeyError for an unknown class.
        """
        if by is None:
            rows = np.flatnonzero(self._inside & ~np.isnan(self.ious))
            values, weight = self.ious[rows], np.zeros(len(rows), np.int64)
        else:
            kept = self._found.of_class(self._code(by))
            kept = kept[self._inside[self._found.sample[kept]]]
            rows, values = self._found.sample[kept], self._found.iou[kept]
            weight = (self._found.truth + self._found.predicted)[kept]
        order = np.lexsort((-weight, -values if best else values))
        class_iou = None if by is None else values
        return self._page(rows, order, page, size, class_iou=class_iou)

    def behind(self, true: str, predicted: str, page: int = 0, size: int = 60) -> Page[SegmentImage]:
        """Images where pixels of one class were predicted as another, most pixels first. Raises KeyError."""
        wanted = len(self.classes) if predicted == OTHER else self._code(predicted)
        kept = self._of_pair(self._code(true), wanted)
        rows, pixels = self._pixels.pairs[kept, 0], self._pixels.pairs[kept, 3]
        return self._page(rows, np.argsort(-pixels, kind="stable"), page, size, pixels=pixels)

    def of_images(self, sample_ids: Iterable[str]) -> dict[str, list[ClassShare]]:
        """The classes of these images, those with most pixels first."""
        wanted, names = set(sample_ids), self._pixels.samples.sample_id
        rows = [row for row, name in enumerate(names) if name in wanted]
        total = np.bincount(self._found.sample, weights=self._found.truth, minlength=len(names))
        made: dict[str, list[ClassShare]] = {names[row]: [] for row in rows}
        for at in np.flatnonzero(np.isin(self._found.sample, rows)).tolist():
            sample = int(self._found.sample[at])
            part = [float(side[at] / total[sample]) if total[sample] else 0.0
                    for side in (self._found.truth, self._found.predicted)]  # fmt: skip
            name = self.classes[self._found.code[at]]
            made[names[sample]].append(ClassShare(name, float(self._found.iou[at]), part[0], part[1]))
        return {name: sorted(some, key=lambda one: -max(one.labelled, one.predicted)) for name, some in made.items()}

    def _of_pair(self, true: int, predicted: int) -> Ints:
        pairs = self._pixels.pairs
        chosen = (pairs[:, 1] == true) & (pairs[:, 2] == predicted) & self._inside[pairs[:, 0]]
        return np.flatnonzero(chosen)

    def _code(self, name: str) -> int:
        if name not in self.classes:
            raise KeyError(f"expected a class of {', '.join(self.classes)}, found {name!r}")
        return self.classes.index(name)

    @cached_property
    def _accuracy(self) -> Floats:
        return occurring.accuracy(self._found, len(self._pixels.samples))

    def _page(
        self, rows: Ints, order: NDArray[Any], page: int, size: int, *,
        class_iou: Floats | None = None, pixels: Ints | None = None,
    ) -> Page[SegmentImage]:  # fmt: skip
        samples, made = self._pixels.samples, []
        for at in order[page * size : (page + 1) * size].tolist():
            row = int(rows[at])
            made.append(
                SegmentImage(
                    samples.sample_id[row],
                    samples.path[row],
                    samples.split[row],
                    plain(float(self.ious[row])),
                    plain(float(self._accuracy[row])),
                    None if class_iou is None else plain(float(class_iou[at])),
                    None if pixels is None else int(pixels[at]),
                )
            )
        return Page(len(order), tuple(made))


class SegmentReview:
    """The evaluation of one run of semantic masks. Opening and looking cost milliseconds."""

    def __init__(self, pixels: Pixels, about: Mapping[str, Any]) -> None:
        self._pixels, self.about = pixels, about
        self._found = occurring.occurring(pixels)
        self._looks: dict[str | None, SegmentLook] = {}

    @classmethod
    def open(cls, dataset: str, run: str, workspace: Workspace | None = None) -> "SegmentReview":
        """The stored evaluation. Raises EvaluationError where there is none, or one of another kind of labels."""
        path = table_path(dataset, run, workspace)
        return _open(path, path.stat().st_mtime_ns if path.is_file() else 0)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of their values."""
        return self._pixels.classes

    @property
    def values(self) -> dict[int, str]:
        """The value of every class in the masks; true pixels of other values are void."""
        return dict(zip(self._pixels.values, self._pixels.classes, strict=True))

    @property
    def splits(self) -> list[str]:
        """Splits that were scored."""
        return known_splits(self._pixels.samples.split)

    def at(self, split: str | None = None) -> SegmentLook:
        """Everything about one split; all for None."""
        if split not in self._looks:
            self._looks[split] = SegmentLook(self._pixels, self.about, split, self._found)
        return self._looks[split]


@lru_cache(maxsize=4)
def _open(path: Path, stamp: int) -> SegmentReview:  # noqa: ARG001  a new stamp is a new evaluation
    return SegmentReview(*storing.load(path))
