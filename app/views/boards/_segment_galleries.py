"""What the galleries of semantic masks list: images as cards, and their overlays."""

from collections.abc import Mapping

from app.components.panes import ClassRow, Layers, MistakeKind
from app.components.patches import Card, Picture, Shown
from app.views._reviewed import Scored
from app.views.boards._galleries import Scene, picture
from datasets.images.painting import CONFUSED, EDGE, FALSE_NEGATIVE, FALSE_POSITIVE, HIT, MISTAKES
from datasets.review import pictures
from datasets.review.page import Page
from datasets.review.segments import SegmentImage, SegmentLook

STEP = 24  # cards sent to the browser at once; more on request
VERDICTS = ("confirm", "wrong", "ignore")
WORDS = {
    HIT: "right",
    EDGE: "near the true edge",
    FALSE_POSITIVE: "false positive",
    FALSE_NEGATIVE: "false negative",
    CONFUSED: "another class",
}


def shown(scene: Scene, found: Page[SegmentImage], focus: str) -> Shown:
    """Images as cards; `focus` is the class that they are sorted by."""
    cards = [
        Card(
            id=row.sample_id,
            sample=row.sample_id,
            side="sample",
            title=row.path.rpartition("/")[2],
            note=_note(row, focus),
            verdict=scene.verdict(row.sample_id),
            verdicts=VERDICTS,
        )
        for row in found.rows
    ]
    return Shown(cards, _pictures(scene, found), scene.classes, found.total, "No images here.", "panes", 8)


def layers(
    chosen: Scored, look: SegmentLook, found: Page[SegmentImage], colours: Mapping[str, str], focus: str
) -> Layers:
    """The overlays of these images; of the kinds of mistakes over all classes, those that can occur."""
    background = any(name.lower() == "background" for name in look.classes[:1])
    kinds = [EDGE, CONFUSED, *([FALSE_POSITIVE] if background else []), FALSE_NEGATIVE]
    parts = look.of_images(row.sample_id for row in found.rows)
    return Layers(
        dataset=chosen.dataset,
        label_field=chosen.label_field,
        field=chosen.field,
        colours={name: colours[name] for name in look.classes},
        kinds=[_kind(code) for code in kinds if code != FALSE_NEGATIVE or background or look.confusion[:, -1].any()],
        kinds_of_one=[_kind(code) for code in (FALSE_POSITIVE, FALSE_NEGATIVE, HIT)],
        focus=focus,
        parts={id_: [ClassRow(**vars(one)) for one in some] for id_, some in parts.items()},
    )


def _kind(code: int) -> MistakeKind:
    (red, green, blue), alpha = MISTAKES[code]
    return MistakeKind(WORDS[code], f"rgb({red} {green} {blue} / {max(alpha, 150) / 255:.2f})")


def _note(row: SegmentImage, focus: str) -> str:
    words = [
        f"{focus} {row.class_iou:.3f}" if row.class_iou is not None else "",
        f"{row.pixels:,} px" if row.pixels is not None else "",
        f"image IoU {row.iou:.3f}" if row.iou is not None else "",
        f"{100 * row.accuracy:.1f} % right" if row.accuracy is not None else "",
        row.split,
    ]
    return " · ".join(word for word in words if word)


def _pictures(scene: Scene, found: Page[SegmentImage]) -> dict[str, Picture]:
    sizes = pictures.sizes(scene.dataset, [row.sample_id for row in found.rows])
    return {row.sample_id: picture(scene, row.sample_id, row.path, sizes[row.sample_id]) for row in found.rows}
