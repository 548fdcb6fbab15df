"""Reads two fields of one class per image as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.errors import EvaluationError
from datasets.evaluation.arrays import Floats, Ints
from datasets.evaluation.classification.figures import probabilities, ranks
from datasets.evaluation.samples import Samples, finish, predicted, stored_names
from datasets.evaluation.scoring import Asked
from datasets.handover import predictions
from datasets.images.masks import unpack
from datasets.kinds import CLASSIFICATION
from datasets.records import Progress
from datasets.storage import collection, documents, fields


@dataclass(frozen=True)
class Choices:
    """For s samples (s): true class, predicted class, confidence (NaN where missing), ids of both labels.

    Where every prediction has logits: `rank` classes before the true one, `probability` of the true one, and `scores`
    (s, c) with the names of the `model`'s classes; else None.
    """

    samples: Samples
    classes: tuple[str, ...]
    truth: Ints
    predicted: Ints
    confidence: Floats
    label_id: list[str]
    prediction_id: list[str]
    model: tuple[str, ...] = ()
    rank: Ints | None = None
    probability: Floats | None = None
    scores: NDArray[np.floating] | None = None


def read(asked: Asked, progress: Progress) -> Choices:
    """Read both fields.

    Raises FieldError for fields of another kind, EvaluationError for confidences outside [0, 1] and for logits of
    another length than the model's classes.
    """
    names, rows = stored_names(asked, CLASSIFICATION.name), _Rows()
    total = collection.samples(asked.dataset).estimated_document_count() if asked.ids is None else len(asked.ids)
    for done, document in enumerate(predicted(asked, names, ("label", "confidence", "logits")), 1):
        rows.add(document, names)
        if not done % 1000:
            progress(done, max(done, total))
    finish(rows.samples, asked, names)
    return rows.choices(asked)


def known_confidence(value: float | None, path: str) -> float:
    """The confidence, NaN for None. Raises EvaluationError for a value outside [0, 1]."""
    if value is None:
        return float("nan")
    if not 0 <= value <= 1:
        raise EvaluationError(f"{path}: expected a confidence from 0 to 1, found {value}; predict again")
    return value


def class_names(asked: Asked, labelled: set[str], guessed: set[str]) -> tuple[str, ...]:
    """Classes in the order of the dataset; those that only predictions use follow, sorted."""
    known = fields.class_order(documents.of(asked.dataset), asked.label_field, labelled)
    return (*known, *sorted(guessed - set(known)))


@dataclass
class _Rows:
    samples: Samples = field(default_factory=Samples)
    truth: list[str] = field(default_factory=list)
    guess: list[str] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)
    ids: list[tuple[str, str]] = field(default_factory=list)
    logits: list[NDArray[np.float32] | None] = field(default_factory=list)

    def add(self, document: Mapping[str, Any], names: tuple[str, str]) -> None:
        label, found = document.get(names[0]) or {}, document[names[1]]
        if not label.get("label"):
            self.samples.pass_over(document)
            return
        if not found.get("label"):
            split = document.get("split") or ""
            self.samples.missing[split] = self.samples.missing.get(split, 0) + 1
            return
        self.samples.add(document)
        self.truth.append(label["label"])
        self.guess.append(found["label"])
        self.confidence.append(known_confidence(found.get("confidence"), document["filepath"]))
        self.ids.append((str(label.get("_id")), str(found.get("_id"))))
        self.logits.append(_vector(found.get("logits")))

    def choices(self, asked: Asked) -> Choices:
        classes = class_names(asked, set(self.truth), set(self.guess))
        code = {name: row for row, name in enumerate(classes)}
        plain = Choices(
            samples=self.samples,
            classes=classes,
            truth=np.array([code[name] for name in self.truth], np.int64),
            predicted=np.array([code[name] for name in self.guess], np.int64),
            confidence=np.array(self.confidence, np.float64),
            label_id=[pair[0] for pair in self.ids],
            prediction_id=[pair[1] for pair in self.ids],
        )
        known = [one for one in self.logits if one is not None]
        return _with_scores(plain, known, asked) if len(known) == len(self.truth) else plain


def _with_scores(plain: Choices, logits: Sequence[NDArray[np.float32]], asked: Asked) -> Choices:
    model = tuple(predictions.info(asked.dataset, asked.field).get("classes") or plain.classes)
    wrong = next((row for row, one in enumerate(logits) if one.shape != (len(model),)), None)
    if wrong is not None:
        raise EvaluationError(
            f"{plain.samples.path[wrong]}: expected {len(model)} logits, one for each class of the model, found "
            f"{logits[wrong].size} in field {asked.field!r}; store the predictions with the classes of the model"
        )
    scores = probabilities(np.stack(logits))
    if not np.isfinite(scores).all():
        raise EvaluationError(f"expected finite logits in field {asked.field!r}, found others; predict again")
    column = {name: row for row, name in enumerate(model)}
    own = np.array([column.get(name, -1) for name in plain.classes], np.int64)[plain.truth]
    probability = np.where(own >= 0, scores[np.arange(len(own)), np.maximum(own, 0)], 0.0)
    more = {"model": model, "rank": ranks(own, scores), "probability": probability, "scores": scores}
    return Choices(**{**vars(plain), **more})


def _vector(stored: Any) -> NDArray[np.float32] | None:
    """A vector as FiftyOne stores it: a list, or packed bytes."""
    if stored is None:
        return None
    return np.asarray(unpack(stored) if isinstance(stored, bytes) else stored, np.float32)
