"""The masks of one sample as pictures to overlay on its image, and what such a picture depends on."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from datasets.errors import EvaluationError, FieldError
from datasets.images import masks, painting
from datasets.images.painting import Colour, Picture
from datasets.kinds import kind
from datasets.showing import media
from datasets.storage import collection, documents, fields, labels
from datasets.storage.documents import Document

ColourOf = Callable[[str], Colour]

BACKGROUND = "background"  # value 0 of this name gets no colour; objects on it are false positives
_VOID = 255  # without declared classes, as in `evaluation.segmentation.reading`
_LARGEST = 4096
_FINE = 700  # pictures with this many pixels are displayed below their full size


@dataclass(frozen=True)
class Style:
    """How masks are shown: at most `side` pixels, filled or as `contour`, `by` class or instance.

    `only` these classes (all for None) without those in `hide`; predictions of at least the confidence `least`.
    """

    side: int = 512
    contour: bool = False
    by: Literal["class", "instance"] = "class"
    only: frozenset[str] | None = None
    hide: frozenset[str] = frozenset()
    least: float = 0.0

    def shows(self, name: str) -> bool:
        """Whether a class is shown."""
        return (self.only is None or name in self.only) and name not in self.hide


@dataclass(frozen=True)
class Masked:
    """Labels of one sample that have masks, as documents, by field; `names` of the values of its semantic masks.

    `size` is width and height of the image, None where it is not known.
    """

    kinds: Mapping[str, str]
    items: Mapping[str, Sequence[Document]]
    names: Mapping[str, Mapping[int, str]]
    size: tuple[int, int] | None

    @property
    def stamp(self) -> str:
        """A value that changes when labels, their masks or the names of their values change."""
        digest = hashlib.blake2b(repr([self.names, self.size]).encode(), digest_size=12)
        for field, some in self.items.items():
            for item in some:
                about = (field, item.get("_id"), item.get("label"), item.get("confidence"), *_state(item))
                digest.update(repr(about).encode())
        return digest.hexdigest()

    def stencil(self, field: str, label: str) -> Picture | None:
        """The mask of one label in white, in place; None when no label with this id has one."""
        item = next((one for one in self.items[field] if str(one.get("_id")) == label), None)
        return None if item is None else painting.classes(masks.binary(masks.read(item)), {1: (255, 255, 255)})


def read(dataset: str, sample: str, *wanted: str) -> Masked:
    """The masks of a sample in these fields. Raises FieldError for a field without labels or a missing sample."""
    document = documents.of(dataset)
    found = {name: fields.label_field(document, name) for name in wanted}
    keep = {one.stored: 1 for one in found.values()} | {"metadata.width": 1, "metadata.height": 1}
    raw = next(collection.by_ids(dataset, [sample], keep), None)
    if raw is None:
        raise FieldError(f"expected a sample of dataset {dataset!r}, found none with id {sample!r}; reload the page")
    width, height = ((raw.get("metadata") or {}).get(side) or 0 for side in ("width", "height"))
    items = {
        name: [dict(item) for item in labels.items(raw.get(one.stored)) if masks.has_mask(item)]
        for name, one in found.items()
    }
    if media.is_ours(document):
        _check_links(items)
    kinds = {name: str(one.label_kind) for name, one in found.items()}
    return Masked(
        kinds, items, {name: _names(document, name) for name in wanted}, (width, height) if width and height else None
    )


def _check_links(items: Mapping[str, Sequence[Document]]) -> None:
    """Masks are stored with links resolved, so a link in the place of one was put there later."""
    for path in (str(item["mask_path"]) for some in items.values() for item in some if item.get("mask_path")):
        if os.path.islink(path):  # noqa: PTH114  many of them
            raise EvaluationError(f"expected the mask that was imported at {path}, found a link; put the file back")


def mask_picture(found: Masked, field: str, style: Style, colour: ColourOf, palette: Sequence[Colour]) -> Picture:
    """The masks of a field: classes of a semantic mask, or objects by class or instance (`palette`, in their order).

    Void, background and classes that are not shown are transparent. Raises EvaluationError for masks that cannot be
    read, or where there is none.
    """
    items = found.items[field]
    if not items:
        raise EvaluationError(f"expected a mask in field {field!r} of this sample, found none")
    if kind(found.kinds[field]).whole_mask:
        mask = _semantic(items[0], style.side)
        shown = {value: name for value, name in _named(found.names[field], mask).items() if style.shows(name)}
        colours = {value: colour(name) for value, name in shown.items() if not _is_background(value, name)}
        return painting.classes(mask, colours, contour=style.contour, width=_stroke(mask.shape))
    kept = [(row, item) for row, item in enumerate(items) if _is_shown(item, style)]
    size = painting.fitting(found.size or _largest(items), style.side)
    crops = [masks.binary(masks.read(item)) for _, item in kept]
    boxes = [_box(item, crop, found.size) for (_, item), crop in zip(kept, crops, strict=True)]
    colours_ = [
        colour(str(item.get("label") or "")) if style.by == "class" else palette[row % len(palette)]
        for row, item in kept
    ]
    drawn = painting.numbered(crops, boxes, size)
    return painting.objects(drawn, colours_, contour=style.contour, width=_stroke(drawn.shape))


def error_picture(found: Masked, label_field: str, field: str, side: int, only: str | None = None) -> Picture:
    """Where a semantic mask is wrong (see `painting.mistakes`), over all classes, or over `only` one with its hits.

    Raises EvaluationError for masks that are missing, unreadable, or of different sizes.
    """
    if not (found.items[label_field] and found.items[field]):
        raise EvaluationError("expected a label and a prediction with a mask, found one of them without")
    whole = [masks.read(found.items[name][0]) for name in (label_field, field)]
    if whole[0].shape != whole[1].shape:
        raise EvaluationError(f"expected masks of one size, found {whole[0].shape} labelled and {whole[1].shape}")
    truth, predicted = (_indexes(painting.shrunk(_indexes(mask), side)) for mask in whole)
    names = _named(found.names[label_field], np.concatenate([truth.ravel(), predicted.ravel()]))
    if only is None:
        background = next((value for value, name in names.items() if _is_background(value, name)), None)
        return painting.error_map(painting.mistakes(truth, predicted, list(names), background))
    values = [value for value, name in names.items() if name == only]
    if not values:
        raise EvaluationError(f"expected a class of {', '.join(names.values())}, found {only!r}")
    return painting.error_map(painting.mistakes_of(truth, predicted, list(names), values[0]), hits=True)


def _stroke(shape: tuple[int, ...]) -> int:
    """The width of an outline on each side, in pixels of the picture."""
    return 2 if max(shape) >= _FINE else 1


def _names(document: Mapping[str, Any], field: str) -> dict[int, str]:
    """Names of the values of a field; those of the first field that has some where predictions have none."""
    own = fields.targets(dict(document), field)
    others = (fields.targets(dict(document), name) for name in document.get("mask_targets") or ())
    return own or next((some for some in others if some), {})


def _named(names: Mapping[int, str], mask: NDArray[np.uint8]) -> Mapping[int, str]:
    return names or {value: str(value) for value in np.unique(mask).tolist() if value != _VOID}


def _is_background(value: int, name: str) -> bool:
    return value == 0 and name.lower() in (BACKGROUND, "0")


def _is_shown(item: Mapping[str, Any], style: Style) -> bool:
    sure = item.get("confidence")
    return style.shows(str(item.get("label") or "")) and (sure is None or sure >= style.least)


def _semantic(item: Mapping[str, Any], side: int) -> NDArray[np.uint8]:
    return _indexes(painting.shrunk(_indexes(masks.read(item)), side))


def _indexes(mask: NDArray[Any]) -> NDArray[np.uint8]:
    """Values up to 255; larger ones, which are no class, as void."""
    return mask if mask.dtype == np.uint8 else np.where(mask > _VOID, _VOID, mask).astype(np.uint8)


def _box(item: Mapping[str, Any], mask: NDArray[np.uint8], size: tuple[int, int] | None) -> Sequence[float]:
    """Where a mask lies: on the whole image when it has its size, else in its box."""
    whole = size is not None and mask.shape == size[::-1]
    return (0, 0, 1, 1) if whole or not item.get("bounding_box") else item["bounding_box"]


def _largest(items: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """A size for an image of unknown size, inferred from masks and their boxes."""
    mask, box = masks.read(items[0]), items[0].get("bounding_box") or (0, 0, 1, 1)
    sides = (mask.shape[1] / max(box[2], 1e-6), mask.shape[0] / max(box[3], 1e-6))
    return min(max(1, round(sides[0])), _LARGEST), min(max(1, round(sides[1])), _LARGEST)


def _state(item: Mapping[str, Any]) -> tuple[Any, ...]:
    path = item.get("mask_path")
    if not path:
        return (hashlib.blake2b(bytes(item["mask"]), digest_size=8).hexdigest(),)
    try:
        status = Path(path).stat()
    except OSError:
        return (path, None)
    return path, status.st_mtime_ns, status.st_size
