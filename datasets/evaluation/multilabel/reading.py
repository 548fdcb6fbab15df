"""Reads two fields of any number of classes per image as columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.classification.reading import class_names, known_confidence
from datasets.evaluation.samples import Samples, finish, predicted, stored_names
from datasets.evaluation.scoring import Asked
from datasets.kinds import CLASSIFICATIONS
from datasets.records import Progress
from datasets.storage import collection


@dataclass(frozen=True)
class Tags:
    """For s samples: labels `truth` (m, 2) and predictions `found` (p, 2) as pairs of sample and class, each pair once.

    `confidence` (p): the higher one of a class predicted twice; NaN where missing. `label_id` (m) and `prediction_id`
    (p) are their ids in the database, of a class that stands twice the first.
    """

    samples: Samples
    classes: tuple[str, ...]
    truth: Ints
    found: Ints
    confidence: Floats
    label_id: list[str] = field(default_factory=list)
    prediction_id: list[str] = field(default_factory=list)

    @property
    def score(self) -> Floats:
        """The score that predictions are ranked by (p): confidence; 1 where it is missing."""
        return np.where(np.isnan(self.confidence), 1.0, self.confidence)


def read(asked: Asked, progress: Progress) -> Tags:
    """Read both fields. An empty list of classes counts as a label.

    Raises FieldError for fields of another kind, EvaluationError for confidences outside [0, 1].
    """
    names, samples = stored_names(asked, CLASSIFICATIONS.name), Samples()
    truth, found = list[tuple[int, str, str]](), list[tuple[int, str, str, float]]()
    total = collection.samples(asked.dataset).estimated_document_count() if asked.ids is None else len(asked.ids)
    parts = ("classifications._id", "classifications.label", "classifications.confidence")
    for done, document in enumerate(predicted(asked, names, ("_cls", *parts)), 1):
        if not document.get(names[0]):
            samples.pass_over(document)
            continue
        row = len(samples)
        samples.add(document)
        truth += [(row, name, id_) for name, id_ in _first_ids(document[names[0]]).items()]
        first = _first_ids(document[names[1]])
        found += [(row, name, first[name], sure) for name, sure in _surest(document, names[1]).items()]
        if not done % 1000:
            progress(done, max(done, total))
    finish(samples, asked, names)
    classes = class_names(asked, {one[1] for one in truth}, {one[1] for one in found})
    code = {name: row for row, name in enumerate(classes)}
    confidence = np.array([one[3] for one in found], np.float64)
    ids = [one[2] for one in truth], [one[2] for one in found]
    return Tags(samples, classes, _pairs(truth, code), _pairs(found, code), confidence, *ids)


def _items(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in document.get("classifications") or () if one.get("label")]


def _first_ids(document: Mapping[str, Any]) -> dict[str, str]:
    """The id of the first label of every class."""
    return {one["label"]: str(one.get("_id")) for one in reversed(_items(document))}


def _surest(document: Mapping[str, Any], name: str) -> dict[str, float]:
    """The highest confidence of every predicted class."""
    found = dict[str, float]()
    for one in _items(document[name]):
        sure, before = known_confidence(one.get("confidence"), document["filepath"]), found.get(one["label"])
        found[one["label"]] = sure if before is None else float(np.fmax(before, sure))
    return found


def _pairs(rows: Iterable[tuple[Any, ...]], code: Mapping[str, int]) -> Ints:
    return np.array([(row[0], code[row[1]]) for row in rows], np.int64).reshape(-1, 2)
