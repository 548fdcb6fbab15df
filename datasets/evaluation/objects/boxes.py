"""Boxes of many samples as columns: what the evaluation engine takes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.errors import EvaluationError
from datasets.evaluation.arrays import Flags, Floats, Ints


@dataclass(frozen=True)
class Boxes:
    """n boxes, all of them labels or all of them predictions, in the order of their samples.

    `image` (n) row of the sample, never decreasing; `label` (n) index into the classes; `box` (n, 4) x, y, width and
    height, origin top left, in any one unit; `area` (n) in square pixels, for area ranges; `confidence` (n), NaN where
    missing; `crowd` (n) regions on which predictions are ignored; `id` (n) label ids as text. Of poses `points` (n)
    holds arrays (k, 3) of x, y, relative, and a third number (see `tables.LABEL`), and `once` (n) says on which crowds
    one prediction alone is ignored: labels without a point. Raises EvaluationError for columns of other lengths,
    unsorted images and boxes that are not finite or of negative size.
    """

    image: Ints
    label: Ints
    box: Floats
    area: Floats
    confidence: Floats
    crowd: Flags
    id: NDArray[Any]
    once: Flags | None = None
    points: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self._columns().items()}
        if len(set(lengths.values())) > 1 or self.box.shape != (len(self), 4):
            raise EvaluationError(f"expected columns of one length and boxes of shape (n, 4), found {lengths}")
        if len(self) and np.any(np.diff(self.image) < 0):
            raise EvaluationError("expected boxes in the order of their samples, found them mixed")
        bad = np.flatnonzero(~np.isfinite(self.box).all(axis=1) | (self.box[:, 2:] < 0).any(axis=1))
        if len(bad):
            raise EvaluationError(
                f"expected finite boxes with width and height of at least 0, found {self.box[bad[0]].tolist()} "
                f"(label {self.id[bad[0]]}) and {len(bad) - 1} more; repair or delete these labels"
            )

    def __len__(self) -> int:
        return len(self.image)

    def take(self, rows: NDArray[Any]) -> "Boxes":
        """The boxes at these rows, or where this mask is true."""
        return Boxes(**{name: column[rows] for name, column in self._columns().items()})

    @property
    def regions(self) -> Flags:
        """The crowds on which any number of predictions is ignored."""
        return self.crowd if self.once is None else self.crowd & ~self.once

    def _columns(self) -> dict[str, NDArray[Any]]:
        return {one.name: column for one in fields(self) if (column := getattr(self, one.name)) is not None}


def boxes(
    image: Sequence[int] | Ints,
    label: Sequence[int] | Ints,
    box: Any,
    *,
    confidence: Any = None,
    crowd: Any = None,
    area: Any = None,
    ids: Any = None,
) -> Boxes:
    """Boxes from anything array-like; by default without confidence and crowds, and with the area of the box itself."""
    rows = np.asarray(box, np.float64).reshape(-1, 4)
    count = len(rows)
    return Boxes(
        image=np.asarray(image, np.int64).reshape(-1),
        label=np.asarray(label, np.int64).reshape(-1),
        box=rows,
        area=rows[:, 2] * rows[:, 3] if area is None else np.asarray(area, np.float64),
        confidence=np.full(count, np.nan) if confidence is None else np.asarray(confidence, np.float64),
        crowd=np.zeros(count, np.bool_) if crowd is None else np.asarray(crowd, np.bool_),
        id=np.arange(count).astype(str).astype(object) if ids is None else np.asarray(ids, object),
    )
