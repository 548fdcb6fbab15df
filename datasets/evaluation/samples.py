"""The samples of an evaluation of whole images: which are scored, and what is reported about the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.errors import EvaluationError
from datasets.evaluation.scoring import Asked
from datasets.records import Finding
from datasets.storage import collection, documents, fields, layout
from datasets.storage.documents import Document


@dataclass
class Samples:
    """Scored samples (s) in the order of the database.

    `missing` labelled samples of the same splits without a prediction, by split; `unlabelled` counts predicted samples
    without a label, by split. Neither counts in any figure.
    """

    sample_id: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    split: list[str] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)
    unlabelled: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sample_id)

    def add(self, document: Mapping[str, Any]) -> None:
        """Add a scored sample."""
        self.sample_id.append(str(document["_id"]))
        self.path.append(document["filepath"])
        self.split.append(document.get("split") or "")

    def pass_over(self, document: Mapping[str, Any]) -> None:
        """Count a sample with a prediction and without a label."""
        split = document.get("split") or ""
        self.unlabelled[split] = self.unlabelled.get(split, 0) + 1

    def inside(self, split: str | None) -> NDArray[np.bool_]:
        """Which samples (s) are of this split; all for None."""
        return np.array([split is None or name == split for name in self.split], np.bool_)

    def card(self, split: str | None) -> dict[str, Any]:
        """The common part of the metric card."""
        counts = (self.missing, self.unlabelled)
        missing, unlabelled = (sum(one.values()) if split is None else one.get(split, 0) for one in counts)
        return {
            "samples": int(self.inside(split).sum()),
            "missing_predictions": missing,
            "unlabelled": unlabelled,
            "left_out": "samples without a prediction or without a label count in no figure",
            "split": split or "all",
        }

    def columns(self) -> dict[str, list[str]]:
        """Columns of a stored table."""
        return {"sample_id": self.sample_id, "path": self.path, "split": self.split}


def stored_names(asked: Asked, kind: str) -> tuple[str, str]:
    """Names in the database of label field and prediction field. Raises FieldError unless both are of this kind."""
    document = documents.of(asked.dataset)
    truth, found = (
        fields.label_field(document, name, lambda other: other == kind, f"{kind} labels").stored
        for name in (asked.label_field, asked.field)
    )
    return truth, found


def predicted(asked: Asked, names: tuple[str, str], parts: Sequence[str]) -> Iterator[Document]:
    """Documents of samples whose prediction field holds something; `parts` of both fields are kept.

    Raises EvaluationError when there is none.
    """
    keep = {f"{name}.{part}": 1 for name in names for part in ("_id", *parts)}
    keep |= {"filepath": 1, "split": 1, "metadata.width": 1, "metadata.height": 1}
    if asked.ids is None:
        documents = collection.stream(asked.dataset, {names[1]: {"$exists": True, "$ne": None}}, keep)
    else:  # in the order of the database
        documents = collection.by_ids(asked.dataset, sorted(set(asked.ids)), keep)
    empty = True
    for document in documents:
        if document.get(names[1]):
            empty = False
            yield document
    if empty:
        raise EvaluationError(
            f"expected predictions in field {asked.field!r} of dataset {asked.dataset!r}, found none in the chosen "
            "samples; predict first, or choose samples that were predicted"
        )


def finish(samples: Samples, asked: Asked, names: tuple[str, str]) -> None:
    """Count labelled samples without prediction. Raises EvaluationError when no sample has both."""
    splits = sorted({*samples.split, *samples.unlabelled})
    chosen = {"$in": [*splits, None] if "" in splits else splits}
    match: Document = {names[0]: {"$exists": True, "$ne": None}, names[1]: None, "split": chosen}
    if asked.ids is not None:
        match["_id"] = {"$in": layout.object_ids(asked.ids)}
    for one in collection.samples(asked.dataset).find(match, {"split": 1, "_id": 0}):
        split = one.get("split") or ""
        samples.missing[split] = samples.missing.get(split, 0) + 1
    if not len(samples):
        raise EvaluationError(
            f"expected labels in field {asked.label_field!r} of the samples that were predicted in dataset "
            f"{asked.dataset!r}, found none; label some of them, or choose another field"
        )


def never_labelled(field: str, names: Sequence[str], labelled: Any, predicted: Any) -> tuple[str, ...]:
    """A finding for classes that are predicted and never labelled, by counts of both (k)."""
    unknown = [name for name, truth, found in zip(names, labelled, predicted, strict=True) if found and not truth]
    if not unknown:
        return ()
    found = f"{len(unknown)} that no label has: {', '.join(unknown[:10])}"
    action = "such predictions count as mistakes; rename the classes, or label some"
    expected = "predicted classes that are labelled"
    return (str(Finding("warning", "class-never-labelled", field, expected, found, action)),)
