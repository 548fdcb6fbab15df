"""The galleries of the board of classes: what each lists, as cards and pictures of the gallery component."""

from collections.abc import Sequence

from app.components.patches import Card, Heat, Shown
from app.views.boards._explained import Explain
from app.views.boards._galleries import Gallery, Scene, picture
from datasets.review import pictures
from datasets.review.classes import Item
from datasets.review.page import Page

GALLERIES = (
    Gallery("wrong", "Most confident wrong", "answers that are not the label, most confident first"),
    Gallery("unsure", "Least confident right", "answers that are the label, least confident first"),
    Gallery(
        "doubtful",
        "Wrong label?",
        "the model says another class as surely as it usually says that class: the label may be wrong "
        "(confident learning, Northcutt et al. 2021), least probable labels first",
    ),
)
UNANSWERED = Gallery("unanswered", "Unanswered", "confidence below the threshold, least confident first")
OF_CLASS = Gallery("class", "Class", "mistakes first, most confident before; then what is right")


def shown(scene: Scene, items: Page[Item], explain: Explain | None, empty: str = "None at this confidence.") -> Shown:
    """The items of one gallery."""
    sizes = pictures.sizes(scene.dataset, [row.sample_id for row in items.rows])
    cards = [_card(row, scene, explain) for row in items.rows]
    found = {row.sample_id: picture(scene, row.sample_id, row.path, sizes[row.sample_id]) for row in items.rows}
    return Shown(cards, found, scene.classes, items.total, empty)


def _card(row: Item, scene: Scene, explain: Explain | None) -> Card:
    return Card(
        id=row.label_id,
        sample=row.sample_id,
        side="label",
        title=row.label if row.right else f"{row.label} → {row.predicted}",
        note=_note(row),
        verdict=scene.verdict(row.label_id),
        suggest=row.predicted,
        outcome="tp" if row.right else "fp",
        top=row.top,
        truth=(row.label,),
        heat=_heat(row, explain) if explain else (),
    )


def _note(row: Item) -> str:
    words = [
        f"{row.confidence:.2f}" if row.confidence is not None else "",
        f"label {row.own:.2f}" if row.own is not None and not row.right else "",
        row.split,
    ]
    return " · ".join(word for word in words if word)


def _heat(row: Item, explain: Explain) -> Sequence[Heat]:
    answer = Heat(f"speaks for {row.predicted}, the answer", explain(row.sample_id, row.predicted))
    if row.right:
        return (answer,)
    return (answer, Heat(f"speaks for {row.label}, the label", explain(row.sample_id, row.label)))
