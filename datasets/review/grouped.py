"""Merged and split instances as galleries (see `evaluation.objects.merging`)."""

from dataclasses import dataclass
from typing import Literal

from datasets.evaluation.cards import plain
from datasets.evaluation.objects.merging import Parts
from datasets.review.objects import Look
from datasets.review.page import Page

Grouping = Literal["merged", "split"]


@dataclass(frozen=True)
class Group:
    """A whole and its parts: of merged instances a prediction and its labels, of split ones a label and predictions.

    `box` (x, y, width, height; relative) encloses all of them; `confidence` is that of the prediction, for split ones
    of the most confident.
    """

    sample_id: str
    path: str
    split: str
    label: str
    whole: str
    parts: tuple[str, ...]
    box: tuple[float, float, float, float]
    confidence: float | None


def counts(look: Look) -> dict[Grouping, int]:
    """How many predictions are merged and how many labels are split, at the confidence of a look."""
    merged, split = look._part.groups(look.confidence)  # same room: a Look is the outcomes of a part
    return {"merged": len(merged.wholes), "split": len(split.wholes)}


def groups(look: Look, kind: Grouping, page: int = 0, size: int = 60) -> Page[Group]:
    """A page of merged or split instances, those with most parts first."""
    merged, split = look._part.groups(look.confidence)
    found = merged if kind == "merged" else split
    wholes = found.wholes
    rows = wholes[page * size : (page + 1) * size].tolist()
    return Page(len(wholes), tuple(_group(look, kind, found, row) for row in rows))


def _group(look: Look, kind: Grouping, found: Parts, whole: int) -> Group:
    table, labels, predictions = look._part.table, look._part.labels, look._part.predictions
    wholes, others = (predictions, labels) if kind == "merged" else (labels, predictions)
    parts = found.of(whole)
    boxes = [wholes.box[whole], *others.box[parts]]
    left, top = (min(float(box[i]) for box in boxes) for i in (0, 1))
    right, bottom = (max(float(box[i] + box[i + 2]) for box in boxes) for i in (0, 1))
    sure = predictions.confidence[[whole] if kind == "merged" else parts]
    image = int(wholes.image[whole])
    return Group(
        sample_id=table.sample_id[image],
        path=table.path[image],
        split=table.split[image],
        label=table.classes[wholes.label[whole]],
        whole=str(wholes.id[whole]),
        parts=tuple(str(one) for one in others.id[parts]),
        box=(left, top, right - left, bottom - top),
        confidence=plain(float(sure.max())),
    )
