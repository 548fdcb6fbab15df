"""The engine of objects: their boxes are compared, or their masks, as the protocol says."""

from pathlib import Path

import numpy as np

from datasets.errors import EvaluationError
from datasets.evaluation import stored
from datasets.evaluation.cards import ObjectsCard, Report
from datasets.evaluation.objects import report, storing, table
from datasets.evaluation.objects.part import Part
from datasets.evaluation.objects.reading import read_table
from datasets.evaluation.scoring import Asked, Scoring
from datasets.evaluation.thresholds import IOU, SHOWN
from datasets.records import Progress
from datasets.storage import collection, documents, fields


def read(asked: Asked, progress: Progress) -> Scoring:
    """Read and check both fields."""
    from datasets.evaluation.objects.mask_reading import with_masks

    found = read_table(asked.dataset, asked.label_field, asked.field, asked.ids)
    path = fields.box_path(documents.of(asked.dataset), asked.field)
    check_confidence(asked, found, f"{path}.confidence")
    if asked.protocol.masks:
        found = with_masks(asked.dataset, (asked.label_field, asked.field), found, progress)
    return scoring(asked, found)


def scoring(asked: Asked, found: table.Table) -> Scoring:
    """What a table that was read comes to."""
    whole, names = Part(found), (asked.label_field, asked.field)
    return Scoring(
        found.split,
        lambda split, origin: report.report(whole if split is None else Part(found, split), origin),
        lambda watch: storing.write_back(asked.dataset, asked.run, whole, names, progress=watch),
        lambda about, path: table.write(table.Table(**{**vars(found), "about": {**found.about, **about}}), path),
    )


def look(path: Path, split: str | None, confidence: float | None, iou: float | None) -> Report[ObjectsCard]:
    """The stored evaluation at other thresholds."""
    found = table.read(path)
    limits = SHOWN if confidence is None else confidence, IOU if iou is None else iou
    known = stored.report(found.about, split)
    part = Part(found, known.card.split if known and known.card.split != "all" else None)
    return report.report(part, stored.origin(found.about), *limits, stored=known)


def check_confidence(asked: Asked, found: table.Table, path: str) -> None:
    """A confidence may be missing, which the table says with NaN; one that is stored as NaN is a mistake.

    `path` is where confidences lie. Raises EvaluationError.
    """
    if not np.isnan(found.predictions.confidence).any():
        return
    match = {path: float("nan")}
    bad = next(collection.stream(asked.dataset, match, {"filepath": 1}), None)
    if bad and (asked.ids is None or str(bad["_id"]) in asked.ids):
        raise EvaluationError(
            f"{bad['filepath']}: expected confidences that are numbers, found NaN in {asked.field!r}; predict again"
        )
