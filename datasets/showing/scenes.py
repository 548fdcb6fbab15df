"""Images with their labels at the size of a preview, as plain arrays: read once, used many times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from datasets import poses
from datasets.images import masks, painting
from datasets.kinds import Kind, kind
from datasets.records import Label
from datasets.showing import media, thumbnails
from datasets.speed.memo import Memo
from datasets.storage import collection, documents, fields, labels
from datasets.storage.documents import Document
from datasets.views import paging
from datasets.viewspec import ViewSpec

Array = NDArray[Any]

_memo: "Memo[Scene]" = Memo(most_bytes=96 << 20, weigh=lambda scene: scene.image.nbytes * 2 + 4096)


@dataclass(frozen=True)
class Scene:
    """`image` (h, w, 3) uint8 RGB, `names` of its labels, and for objects `corners` (n, 4): x1, y1, x2, y2 in [0, 1].

    `mask` (h, w) uint8 or uint16 holds the values of a semantic mask, named by `targets`; or, with `numbered`, objects:
    1 for the first label. It is empty (0, 0) where there is none.
    """

    image: Array
    names: tuple[str, ...]
    corners: Array
    mask: Array
    targets: Mapping[int, str]
    numbered: bool


def few(spec: ViewSpec, count: int, seed: int = 0) -> list[str]:
    """Ids of some random samples of a view, from its split train if it has one. Raises DatasetNotFound."""
    train = spec.of_splits("train")
    chosen = train if paging.count(train) else spec
    total = paging.count(chosen)
    drawn = np.random.default_rng(seed).permutation(total)[:count]
    return [key for number in drawn.tolist() for key in paging.ids(chosen, number, 1, total)]


def read(dataset: str, samples: Sequence[str], field: str, side: int) -> dict[str, Scene]:
    """Images by sample id, the longer side at most `side`, with their labels in a field; missing samples are left out.

    Raises FieldError for a field without labels, MediaError, ThumbnailError and EvaluationError for an image or a mask
    that cannot be read.
    """
    document = documents.of(dataset)
    found = fields.label_field(document, field)
    held = kind(str(found.label_kind))
    targets = fields.targets(document, field) if held.whole_mask else {}
    keep = {"filepath": 1, found.stored: 1, "metadata": 1}
    ours, scenes = media.is_ours(document), {}
    for raw in collection.by_ids(dataset, list(samples), keep):
        stored = raw.get(found.stored)
        raw["filepath"] = str(media.trusted(raw, ours=ours))
        key = (raw["filepath"], side, repr(stored), repr(targets))
        scenes[str(raw["_id"])] = _memo.get(key, partial(_scene, raw, stored, held, targets, side))
    return scenes


def _scene(raw: Document, stored: Any, held: Kind, targets: Mapping[int, str], side: int) -> Scene:
    image, items = _pixels(Path(raw["filepath"]), side), labels.from_document(stored)
    size = image.shape[1], image.shape[0]
    if held.whole_mask:
        return Scene(image, (), np.zeros((0, 4)), _semantic(items, size), targets, False)
    boxed = held.boxes or held.posed
    objects = [one for one in items if poses.box(one) and not one.crowd] if boxed else []
    corners = np.array([poses.box(one) for one in objects], dtype=np.float64).reshape(-1, 4)
    corners[:, 2:] += corners[:, :2]
    names = tuple(one.label for one in (objects if boxed else items))
    return Scene(image, names, corners.clip(0, 1), _numbered(objects, size, _shape(raw)), targets, True)


def _pixels(path: Path, side: int) -> Array:
    file = thumbnails.thumbnail(path, side)
    return np.asarray(cv2.cvtColor(cv2.imread(str(file), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB))


def _semantic(items: Sequence[Label], size: tuple[int, int]) -> Array:
    if not items or not (items[0].mask_path or items[0].mask):
        return np.zeros((0, 0), dtype=np.uint8)
    mask = masks.read({"mask_path": items[0].mask_path, "mask": items[0].mask})
    return np.asarray(cv2.resize(np.minimum(mask, 255).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST))


def _shape(raw: Document) -> tuple[int, int]:
    metadata = raw.get("metadata") or {}
    return metadata.get("height") or 0, metadata.get("width") or 0


def _numbered(objects: Sequence[Label], size: tuple[int, int], shape: tuple[int, int]) -> Array:
    """Objects with masks, by number, small ones on top of large ones. A mask of `shape` covers the whole image."""
    made = np.zeros((size[1], size[0]), dtype=np.uint16)
    if not any(one.mask_path or one.mask for one in objects):
        return made[:0, :0]
    crops, boxes, numbers = [], [], [0]
    for number, one in enumerate(objects, start=1):
        if one.mask_path or one.mask:
            crop = masks.binary(masks.read({"mask_path": one.mask_path, "mask": one.mask}))
            crops.append(crop)
            boxes.append(one.box if one.box and crop.shape != shape else (0, 0, 1, 1))
            numbers.append(number)
    return np.array(numbers, dtype=np.uint16)[painting.numbered(crops, boxes, size)]
