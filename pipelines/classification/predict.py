"""Classes of whole images as rows of the table of predictions, with confidences."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import pyarrow as pa

from datasets import kinds
from datasets.records import Finding
from pipelines.classification.config import Config
from pipelines.predicting import Asked
from pipelines.runs import results
from pipelines.runs.manifests import Row

Array = np.ndarray[Any, Any]


class OneClass:
    """The likeliest class of every sample, by its logits (k,); see `predicting.Output`."""

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = tuple(classes)

    def writing(self) -> AbstractContextManager[object]:
        """Nothing is written before the table is."""
        return nullcontext()

    def keep(self, _row: Row, result: Array) -> Array:
        """The logits themselves."""
        return result

    def table(self, ids: Sequence[str], kept: Sequence[Array | None]) -> pa.Table:
        """The class with the highest logit; its confidence is the softmax."""
        logits = _rows(kept, len(self.classes))
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        names = pa.array(self.classes, pa.string()).take(pa.array(logits.argmax(axis=1)))
        return results.table(
            ids, [int(one is not None) for one in kept], names,
            confidences=raised.max(axis=1) / raised.sum(axis=1), logits=logits.astype(np.float32),
        )  # fmt: skip

    def findings(self) -> Sequence[Finding]:
        """Nothing is left out."""
        return ()


class ManyClasses(OneClass):
    """Every class of every sample whose confidence, the sigmoid of its logit, is at least `floor`; the surest first."""

    def __init__(self, classes: Sequence[str], floor: float) -> None:
        super().__init__(classes)
        self.floor = floor

    def table(self, ids: Sequence[str], kept: Sequence[Array | None]) -> pa.Table:
        """Any number of classes for each sample."""
        confidences = 1 / (1 + np.exp(-_rows(kept, len(self.classes))))
        order = np.argsort(-confidences, axis=1, kind="stable")
        ranked = np.take_along_axis(confidences, order, axis=1)
        sure = ranked >= self.floor
        counts = np.zeros(len(kept), dtype=int)
        counts[[row for row, one in enumerate(kept) if one is not None]] = sure.sum(axis=1)
        names = pa.array(self.classes, pa.string()).take(pa.array(order[sure]))
        return results.table(ids, counts.tolist(), names, confidences=ranked[sure])


def output(asked: Asked[Config]) -> OneClass:
    """What becomes of logits, by what the model of the checkpoint predicts."""
    found = asked.checkpoint
    many = kinds.kind(found.kind).many
    return ManyClasses(found.classes, asked.config.confidence) if many else OneClass(found.classes)


def _rows(kept: Sequence[Array | None], classes: int) -> Array:
    """Logits (m, k) float64 of the m images that could be read."""
    readable = [np.asarray(one, dtype=np.float64) for one in kept if one is not None]
    return np.stack(readable) if readable else np.zeros((0, classes))
