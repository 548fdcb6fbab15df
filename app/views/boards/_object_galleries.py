"""The galleries of the board of objects: what each lists, as cards and pictures of the gallery component."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from app.components.patches import Box, Card, Picture, Shown
from app.views.boards._galleries import NO_MASKS, STEP, Gallery, Masks, Scene, instance_masks, picture
from datasets.review import drawn, grouped, points
from datasets.review.objects import Item, Look
from datasets.review.page import Page

# kinds of `datasets.review.objects.GALLERIES`, and the worst images
GALLERIES = (
    Gallery("worst", "Worst images", "samples with the most false positives and missed labels"),
    Gallery("fp", "False positives", "predictions that match no label, most confident first"),
    Gallery("fn", "Missed labels", "labels that no prediction matches, largest first"),
    Gallery("cls", "Wrong class", "predictions that sit on a label of another class: the label may be wrong"),
    Gallery("low_iou", "Low IoU", "hits that overlap their label badly, worst first"),
    Gallery("missing", "Missing labels?", "confident predictions where no label is: the label may be missing"),
)
SWAPPED = "swapped"  # of poses
_SWAPPED = "poses that would fit their label better if left and right changed places: the label may be wrong"
# kinds of `datasets.review.grouped`, where objects have masks
GROUPS = {
    "merged": "predictions that cover two labels or more of their class (IoU above 0.1, or half of a label inside)",
    "split": "labels that two predictions or more cover side by side (IoU above 0.1, or half of a prediction inside)",
}
ERRORS = {
    "cls": "wrong class",
    "loc": "badly placed",
    "both": "wrong class, badly placed",
    "dupe": "second hit",
    "bkg": "nothing there",
    "miss": "missed",
    "": "",
}


def tabs(look: Look) -> list[Gallery]:
    """The galleries, named by what objects are compared by."""
    named = [replace(one, title=one.title.replace("IoU", look.measure)) for one in GALLERIES]
    count = points.swapped(look, size=0).total
    return [*named, Gallery(SWAPPED, f"Swapped sides ({count:,})", _SWAPPED)] if count else named


def swapped(look: Look, scene: Scene, steps: int = 1) -> Shown:
    """Patches of poses whose left and right were taken for one another."""
    return _shown(look, scene, points.swapped(look, size=steps * STEP["patches"]))


def worst(look: Look, scene: Scene, steps: int = 1) -> Shown:
    """Whole images, those with the most mistakes first."""
    found = look.worst(size=steps * STEP["images"])
    cards = [
        Card(
            id=row.sample_id,
            sample=row.sample_id,
            side="sample",
            title=row.path.rpartition("/")[2],
            note=f"{row.fp} FP · {row.fn} missed · {row.tp} hits · {row.split or 'no split'}",
            verdict=scene.verdict(row.sample_id),
            verdicts=("confirm", "ignore"),
        )
        for row in found.rows
    ]
    pictures = _pictures(look, scene, [row.sample_id for row in found.rows])
    return Shown(
        cards, pictures, scene.classes, found.total, "No mistakes at these thresholds.", "images", 12, look.edges
    )


def patches(look: Look, scene: Scene, kind: str, steps: int = 1) -> Shown:
    """Patches of one kind of mistake."""
    return _shown(look, scene, look.gallery(kind, size=steps * STEP["patches"]))


def group_tabs(look: Look) -> list[Gallery]:
    """The tabs of merged and split instances with their counts; none where objects have no masks."""
    if not look.masked:
        return []
    return [Gallery(kind, f"{kind.title()} ({count:,})", GROUPS[kind]) for kind, count in grouped.counts(look).items()]


def groups(look: Look, scene: Scene, kind: grouped.Grouping, steps: int = 1) -> Shown:
    """Patches of merged or split instances."""
    found = grouped.groups(look, kind, size=steps * STEP["patches"])
    # A verdict on a split is about the label itself; on a merged prediction only about the labels below it.
    side: Literal["label", "prediction"] = "prediction" if kind == "merged" else "label"
    cards = [
        Card(
            id=row.whole,
            sample=row.sample_id,
            side=side,
            title=f"{row.label}: {len(row.parts)} {'labels in one' if kind == 'merged' else 'parts'}",
            note=" · ".join(
                [*([f"{row.confidence:.2f}"] if row.confidence is not None else []), row.split or "no split"]
            ),
            box=_four(row.box),
            others=row.parts,
            verdict=scene.verdict(row.whole),
            verdicts=("confirm", "wrong", "ignore") if side == "label" else ("confirm", "ignore"),
        )
        for row in found.rows
    ]
    pictures = _pictures(look, scene, list(dict.fromkeys(row.sample_id for row in found.rows)))
    return Shown(cards, pictures, scene.classes, found.total, "None at these thresholds.")


def cell(look: Look, scene: Scene, true: str, predicted: str, steps: int = 1) -> Shown:
    """Patches of one cell of the confusion matrix."""
    return _shown(look, scene, look.cell(true, predicted, size=steps * STEP["patches"]))


def _shown(look: Look, scene: Scene, items: Page[Item]) -> Shown:
    cards = [_card(row, scene, look.measure) for row in items.rows]
    pictures = _pictures(look, scene, look.ids(items.rows))
    return Shown(cards, pictures, scene.classes, items.total, "None at these thresholds.", edges=look.edges)


def _card(row: Item, scene: Scene, measure: str) -> Card:
    # A verdict is about the label if there is one: the next run replaces the prediction anyway.
    side: Literal["label", "prediction"] = "label" if row.label_id else "prediction"
    own, other = (row.label_id, row.prediction_id) if row.label_id else (row.prediction_id, None)
    return Card(
        id=str(own),
        sample=row.sample_id,
        side=side,
        title=_title(row),
        note=_note(row, measure),
        box=_around(row),
        others=(other,) if other else (),
        verdict=scene.verdict(str(own)),
        suggest=row.predicted,
    )


def _title(row: Item) -> str:
    if row.label and row.predicted:
        return row.label if row.label == row.predicted else f"{row.label} → {row.predicted}"
    return f"{row.label} → nothing" if row.label else f"nothing → {row.predicted}"


def _note(row: Item, measure: str) -> str:
    words = [
        f"{row.confidence:.2f}" if row.confidence is not None else "",
        f"{measure} {row.iou:.2f}" if row.iou is not None else "",
        ERRORS.get(row.error, row.error),
    ]
    return " · ".join(word for word in words if word)


def _pictures(look: Look, scene: Scene, ids: Sequence[str]) -> dict[str, Picture]:
    return {
        id_: picture(
            scene, id_, sample.path, (sample.width, sample.height), sample.boxes, masks=_masks(look, scene, id_)
        )
        for id_, sample in drawn.samples(look, ids).items()
    }


def _masks(look: Look, scene: Scene, sample: str) -> Masks:
    if not look.masked:
        return NO_MASKS
    fields = str(look.about["label_field"]), str(look.about["field"])
    return instance_masks(scene, sample, *fields, least=look.confidence)


def _around(row: Item) -> Box | None:
    """Where to look: the smallest box around label and prediction."""
    boxes = [box for box in (row.label_box, row.predicted_box) if box]
    if not boxes:
        return None
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return _four((left, top, right - left, bottom - top))


def _four(box: Sequence[float]) -> Box:
    x, y, width, height = (round(value, 5) for value in box)
    return (x, y, width, height)
