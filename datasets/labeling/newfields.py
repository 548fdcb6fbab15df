"""Fields of labels made in place: a name, a kind, and the first classes, all checked before anything is written."""

import re
from collections.abc import Sequence
from typing import Any

from datasets import kinds
from datasets.errors import FieldError
from datasets.fieldnames import evaluation_key, is_prediction
from datasets.kinds import Kind
from datasets.labelschema import VOID
from datasets.records import FRAME_NUMBER, SEQUENCE
from datasets.skeleton import Skeleton
from datasets.storage import documents, layout, schemas, skeletons, store

LONGEST = 64  # letters of a name of a field
LONGEST_CLASS = 100
MOST_CLASSES = 2000
MOST_VALUES = VOID - 1  # of a semantic mask in 8 bits: 0 is the background
BACKGROUND = "background"
NAME = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{LONGEST - 1}}}")
TAKEN = frozenset({"id", "filepath", "tags", "metadata", "split", "created_at", "last_modified_at", SEQUENCE,
                   FRAME_NUMBER, "frames", "media_type"})  # fmt: skip

Edges = Sequence[tuple[int, int]]


def can_be_labeled(kind: Kind) -> bool:
    """Whether people can make labels of this kind on an image: all but spans of frames."""
    return kind.labels and kind.place != "support"


def make(
    dataset: str,
    name: str,
    kind: str,
    classes: Sequence[str] = (),
    *,
    points: Sequence[str] = (),
    edges: Edges = (),
) -> None:
    """Add an empty field of labels to a dataset of images.

    `classes` become the class order of the dataset where it has none, else that of this field. Of whole masks they get
    the values 1, 2, ..., and 0 is the background. `points` and `edges` (pairs of positions in `points`) are the
    skeleton of key points. Raises DatasetNotFound, or FieldError for a name that is bad or taken, for a kind that
    cannot be labeled, for classes that are empty, doubled or too many, and for a skeleton that does not fit.
    """
    found = documents.of(dataset)
    made = _checked_kind(kind)
    _check_name(found, name)
    chosen = checked_classes(classes, MOST_VALUES if made.whole_mask else MOST_CLASSES)
    skeleton = _skeleton(made, points, edges)
    if layout.is_video(found):
        raise FieldError(f"expected a dataset of images, found that {dataset!r} holds videos; label their frames")
    values = _targets(chosen) if made.whole_mask else None
    schemas.declare(dataset, {name: kind})
    _describe(dataset, name, chosen, values, skeleton)


def begin(
    dataset: str, name: str, kind: str, classes: Sequence[str] = (), *, points: Sequence[str] = (), edges: Edges = ()
) -> None:
    """Make an empty dataset of images with one field of labels, or neither. Raises as `store.create` and `make` do."""
    store.create(dataset)
    try:
        make(dataset, name, kind, classes, points=points, edges=edges)
    except BaseException:
        store.delete(dataset)
        raise


def checked_classes(classes: Sequence[str], most: int = MOST_CLASSES) -> list[str]:
    """Names of classes without spaces around them. Raises FieldError for empty, doubled, too long or too many ones."""
    named = [" ".join(one.split()) for one in classes]
    wrong = next((one for one in named if not one or len(one) > LONGEST_CLASS or not one.isprintable()), None)
    if wrong is not None:
        raise FieldError(
            f"expected names of classes of 1 to {LONGEST_CLASS} letters, found {wrong[:LONGEST_CLASS]!r}; correct it"
        )
    doubled = sorted({one for one in named if named.count(one) > 1}) if len(set(named)) < len(named) else []
    if doubled:
        raise FieldError(f"expected each class once, found {doubled[0]!r} twice; leave one of them out")
    if len(named) > most:
        raise FieldError(f"expected at most {most:,} classes, found {len(named):,}; leave some out")
    return named


def _checked_kind(name: str) -> Kind:
    made = kinds.kind(name)
    if not can_be_labeled(made):
        able = ", ".join(key for key, one in kinds.KINDS.items() if can_be_labeled(one))
        raise FieldError(f"expected a kind that can be labeled, one of {able}; found {name!r}")
    return made


def _check_name(found: documents.Document, name: str) -> None:
    if not NAME.fullmatch(name):
        raise FieldError(
            f"expected a name of letters (A-Z), digits and _ that begins with a letter, at most {LONGEST} long, found "
            f"{name[:LONGEST]!r}; choose another name"
        )
    if name in TAKEN or is_prediction(name) or name.startswith(evaluation_key("")):
        raise FieldError(f"expected a name that is free, found {name!r}, which Foveal uses itself; choose another name")
    known = next((one for one in layout.stored_fields(found) if one.name.lower() == name.lower()), None)
    if known is not None:
        kind = known.label_kind or known.kind
        raise FieldError(
            f"expected the name of a new field, found that {known.name!r} is there already ({kind}); choose another "
            "name, or open that field"
        )


def _skeleton(kind: Kind, points: Sequence[str], edges: Edges) -> dict[str, Any] | None:
    """The skeleton as FiftyOne stores it; None for none."""
    if not points:
        return None
    if not kind.posed:
        raise FieldError(f"expected points for a field of key points alone, found them for {kind.word}; leave them out")
    named = checked_classes(points)
    wrong = next((edge for edge in edges if not all(0 <= end < len(named) for end in edge)), None)
    if wrong is not None:
        raise FieldError(f"expected edges between points 0 to {len(named) - 1}, found {tuple(wrong)}; correct it")
    return skeletons.stored(Skeleton(tuple(named), tuple(edges)))


def _targets(classes: Sequence[str]) -> dict[str, str]:
    """Names of the values of a mask, by value. A class named background has the value 0."""
    rest = [one for one in classes if one.lower() != BACKGROUND]
    named = next((one for one in classes if one.lower() == BACKGROUND), BACKGROUND)
    return {str(value): one for value, one in enumerate([named, *rest])}


def _describe(
    dataset: str, name: str, classes: Sequence[str], targets: dict[str, str] | None, skeleton: dict[str, Any] | None
) -> None:
    changes: dict[str, Any] = {}
    if targets is not None:
        changes[f"mask_targets.{name}"] = targets
    elif classes:
        declared = list(store.summary(dataset).classes)
        changes |= {f"classes.{name}": list(classes)} if declared else {"default_classes": list(classes)}
    if skeleton is not None:
        changes[f"skeletons.{name}"] = skeleton
    if changes:
        documents.update(dataset, changes)
