"""From the database to an outcome table: labels and predictions of every sample that has predictions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as column
from typing import Any

import numpy as np

from datasets import collection, fields
from datasets.errors import EvaluationError
from datasets.evaluation.boxes import Boxes, Ints
from datasets.evaluation.table import Table
from datasets.records import Progress, no_progress

_PARTS = ("_id", "label", "bounding_box", "confidence", "iscrowd")


def read_table(
    dataset: str,
    label_field: str,
    field: str,
    ids: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> Table:
    """The table of all samples (of `ids` alone, if given) whose `field` holds predictions, be it an empty list.

    Raises FieldError for fields that are absent or hold no boxes, EvaluationError when no sample has predictions.
    """
    found = collection.document(dataset)
    paths = [fields.box_path(found, name) for name in (label_field, field)]
    keep = {f"{path}.{part}": 1 for path in paths for part in _PARTS}
    keep |= {"filepath": 1, "split": 1, "metadata.width": 1, "metadata.height": 1}
    match = {paths[1]: {"$exists": True, "$ne": None}}
    documents = collection.stream(dataset, match, keep) if ids is None else _chosen(dataset, ids, keep, paths[1])
    total = collection.samples(dataset).estimated_document_count() if ids is None else len(ids)
    gathered = _Gathered()
    for done, document in enumerate(documents, 1):
        gathered.add(document, paths)
        if not done % 1000:
            progress(done, total)
    if not gathered.sample_id:
        raise EvaluationError(
            f"expected predictions in field {field!r} of dataset {dataset!r}, found none in the chosen samples; "
            "predict first, or choose samples that were predicted"
        )
    progress(total, total)
    return gathered.table(lambda used: fields.class_order(found, label_field, used))


def _chosen(dataset: str, ids: Sequence[str], keep: Mapping[str, int], path: str) -> Iterable[dict[str, Any]]:
    # In the order of the database: which of equal confidences comes first must not hang on the order of a view.
    for document in collection.by_ids(dataset, sorted(set(ids)), keep):
        if _inside(document, path) is not None:
            yield document


def _inside(document: Mapping[str, Any], path: str) -> Any:
    name, _, inner = path.partition(".")
    return (document.get(name) or {}).get(inner)


@dataclass
class _Side:
    """Columns of one of the two fields, as lists while they grow."""

    counts: list[int] = column(default_factory=list)
    label: list[int] = column(default_factory=list)
    box: list[Any] = column(default_factory=list)
    confidence: list[float | None] = column(default_factory=list)
    crowd: list[bool] = column(default_factory=list)
    id: list[str] = column(default_factory=list)

    def boxes(self, size: Ints, codes: Ints) -> Boxes:
        image = np.repeat(np.arange(len(self.counts)), self.counts)
        try:
            box = np.array(self.box, np.float64).reshape(-1, 4)
            if len(box) != len(image):
                raise ValueError("too few numbers")
        except (TypeError, ValueError) as wrong:
            bad = next((row for row, one in enumerate(self.box) if one is None or len(one) != 4), 0)
            raise EvaluationError(
                f"expected a box of four numbers in every label, found {self.box[bad]!r} in label {self.id[bad]}"
            ) from wrong
        return Boxes(
            image=image,
            label=codes[np.array(self.label, np.int64)],
            box=box,
            area=box[:, 2] * box[:, 3] * size[image].prod(axis=1),
            confidence=np.array(self.confidence, np.float64),
            crowd=np.array(self.crowd, np.bool_),
            id=np.array(self.id, object),
        )


class _Gathered:
    def __init__(self) -> None:
        self.sample_id: list[str] = []
        self._path: list[str] = []
        self._split: list[str] = []
        self._size: list[tuple[int, int]] = []
        self._sides = (_Side(), _Side())
        self._codes: dict[str, int] = {}

    def add(self, document: Mapping[str, Any], paths: Sequence[str]) -> None:
        self.sample_id.append(str(document["_id"]))
        self._path.append(document["filepath"])
        self._split.append(document.get("split") or "")
        metadata = document.get("metadata") or {}
        self._size.append((metadata.get("width") or 0, metadata.get("height") or 0))
        for side, path in zip(self._sides, paths, strict=True):
            self._add(side, _inside(document, path) or ())

    def _add(self, side: _Side, items: Sequence[Mapping[str, Any]]) -> None:
        side.counts.append(len(items))
        for item in items:
            side.label.append(self._codes.setdefault(item.get("label") or "", len(self._codes)))
            side.box.append(item.get("bounding_box"))
            side.confidence.append(item.get("confidence"))
            side.crowd.append(bool(item.get("iscrowd")))
            side.id.append(str(item["_id"]))

    def table(self, order: Callable[[Iterable[str]], tuple[str, ...]]) -> Table:
        """Classes as `order` puts the names of the labels; names that only predictions use follow, sorted."""
        names = list(self._codes)
        known = order(names[row] for row in set(self._sides[0].label))
        classes = (*known, *sorted(set(names) - set(known)))
        codes = np.array([classes.index(name) for name in names], np.int64)
        size = np.array(self._size, np.int64).reshape(-1, 2)
        truth, found = (side.boxes(size, codes) for side in self._sides)
        return Table(self.sample_id, self._path, self._split, size, classes, truth, found)
