"""The galleries of the board of many classes per image: what each lists, as cards of whole images."""

from collections.abc import Sequence
from typing import Literal

from app.components.patches import Card, Heat, Shown
from app.views.boards._explained import Explain
from app.views.boards._galleries import Gallery, Scene, picture
from datasets.review import pictures
from datasets.review.multilabel import Item, WorstImage
from datasets.review.page import Page

GALLERIES = (
    Gallery("worst", "Worst images", "images with the most wrong classes, predicted and missed together"),
    Gallery("fp", "False positives", "a class that is predicted and not labelled, most confident first"),
    Gallery("fn", "Missed", "a class that is labelled and not predicted, least confident first"),
    Gallery("unlabelled", "Missing labels?", "predicted as surely as the class usually is where it is labelled: the "
            "label may be missing (confident learning, Northcutt et al. 2021)"),
    Gallery("doubtful", "Wrong labels?", "labelled, and no surer than where the class is not labelled: the label may "
            "be wrong"),
    Gallery("tp", "Hits", "least confident first"),
)  # fmt: skip


def shown(scene: Scene, found: Page[Item | WorstImage], explain: Explain | None) -> Shown:
    """One gallery."""
    cards = [_card(row, scene, explain) if isinstance(row, Item) else _image(row, scene) for row in found.rows]
    sizes = pictures.sizes(scene.dataset, [row.sample_id for row in found.rows])
    images = {row.sample_id: picture(scene, row.sample_id, row.path, sizes[row.sample_id]) for row in found.rows}
    return Shown(cards, images, scene.classes, found.total, "None at this confidence.")


def _card(row: Item, scene: Scene, explain: Explain | None) -> Card:
    id_, side = _judged(row)
    confidence = f"{row.confidence:.2f}" if row.confidence is not None else "not predicted"
    return Card(
        id=id_,
        sample=row.sample_id,
        side=side,
        title=row.name,
        note=" · ".join(part for part in (confidence, row.split) if part),
        verdict=scene.verdict(id_),
        verdicts=("confirm", "ignore") if side == "sample" else ("confirm", "relabel", "ignore"),
        suggest=row.name if side == "prediction" else None,
        outcome=row.outcome,
        top=row.top,
        truth=row.labels,
        heat=(Heat(f"speaks for {row.name}", explain(row.sample_id, row.name)),) if explain else (),
    )


def _judged(row: Item) -> tuple[str, Literal["label", "prediction", "sample"]]:
    """What a verdict is about: the label if there is one, else the prediction."""
    if row.label_id:
        return row.label_id, "label"
    return (row.prediction_id, "prediction") if row.prediction_id else (row.sample_id, "sample")


def _image(row: WorstImage, scene: Scene) -> Card:
    return Card(
        id=row.sample_id,
        sample=row.sample_id,
        side="sample",
        title=_listed("+", row.extra) + _listed("−", row.missed),
        note=" · ".join((f"{len(row.extra)} FP", f"{len(row.missed)} missed", row.split or "no split")),
        verdict=scene.verdict(row.sample_id),
        verdicts=("confirm", "ignore"),
        top=row.top,
        truth=row.labels,
    )


def _listed(sign: str, names: Sequence[str]) -> str:
    return "".join(f"{sign}{name} " for name in names)
