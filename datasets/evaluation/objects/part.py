"""One part of an outcome table, a split or all of it, with cached results for the next threshold."""

from dataclasses import replace
from functools import cached_property

import numpy as np

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.objects.confusion import Pairs, pairs
from datasets.evaluation.objects.curves import Curves, curves
from datasets.evaluation.objects.figures import Summary, mean_precisions, summarize
from datasets.evaluation.objects.matching import Matches, match, nearest
from datasets.evaluation.objects.merging import NO_PARTS, Parts, merged, split
from datasets.evaluation.objects.outcomes import Outcomes, outcomes, shown
from datasets.evaluation.objects.table import Table

_KEPT = 8  # cached matchings; a slider moves over few IoU thresholds


class Part:
    """The samples of one split of a table (all for None). Rows are those of `labels` and `predictions` of this part."""

    def __init__(self, table: Table, split: str | None = None) -> None:
        self.table, self.split = table, split
        self.labels, self.predictions = table.of_split(split)
        self.samples = sum(split is None or name == split for name in table.split)
        self._matches: dict[tuple[float, bool], Matches] = {}
        self._groups: dict[float, tuple[Parts, Parts]] = {}

    @cached_property
    def summary(self) -> Summary:
        """The figures that do not depend on a threshold."""
        count = len(self.table.classes)
        return summarize(self.labels, self.predictions, count, self.table.limits, self.table.overlaps)

    @cached_property
    def box_precisions(self) -> tuple[float, float]:
        """mAP and mAP50 of the boxes, where the other figures are those of masks or key points."""
        labels = replace(self.labels, crowd=self.labels.regions)
        return mean_precisions(labels, self.predictions, len(self.table.classes))

    @cached_property
    def near(self) -> tuple[Ints, Floats]:
        """`matching.nearest` of every prediction."""
        return nearest(self.labels, self.predictions, self.table.overlaps)

    def matches(self, iou: float, *, classwise: bool = True) -> Matches:
        """The matching at one IoU threshold."""
        key = (iou, classwise)
        if key not in self._matches:
            if len(self._matches) >= _KEPT:
                self._matches.pop(next(iter(self._matches)))
            self._matches[key] = match(
                self.labels, self.predictions, np.array([iou]), classwise=classwise, overlaps=self.table.overlaps
            )
        return self._matches[key]

    def curves(self, iou: float) -> Curves:
        """Precision-recall curves at one IoU threshold, (1, classes, 101)."""
        most = self.table.limits.most[-1]
        return curves(self.labels, self.predictions, self.matches(iou), len(self.table.classes), most=most)

    def outcomes(self, confidence: float, iou: float) -> Outcomes:
        """The outcome of every label and prediction."""
        return outcomes(
            self.labels, self.predictions, self.matches(iou), self.near, confidence=confidence, iou=min(iou, 1 - 1e-10)
        )

    def groups(self, confidence: float) -> tuple[Parts, Parts]:
        """Merged and split instances; none where objects have no masks."""
        if self.table.overlaps is None or not self.table.masked:
            return NO_PARTS, NO_PARTS
        if confidence not in self._groups:
            visible = shown(self.predictions, confidence)
            found = (self.labels, self.predictions, self.table.overlaps, visible)
            self._groups = {confidence: (merged(*found), split(*found))}
        return self._groups[confidence]

    def pairs(self, confidence: float, iou: float) -> Pairs:
        """The entries of the confusion matrix, matched without regard to class."""
        visible = shown(self.predictions, confidence)
        found = self.matches(iou, classwise=False)
        return pairs(self.labels, self.predictions, found, visible, len(self.table.classes))
