"""Mistakes planted on purpose in the labels of `street`, and how to undo them.

Four kinds in equal parts: a wrong class, a shifted box, a missing box and a spurious box. `truth.json` beside the
media holds the truth.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from datasets.records import Label
from datasets.samples.street import CLASSES, StreetImage, identity

ErrorKind = Literal["wrong class", "shifted box", "missing box", "spurious box"]
Box = tuple[float, float, float, float]
KINDS: tuple[ErrorKind, ...] = ("wrong class", "shifted box", "missing box", "spurious box")
SHARE = 0.02
_SMALLEST = 0.0022  # share of the image that an object must cover to get a mistake: people can see it


@dataclass(frozen=True)
class Mistake:
    """One planted mistake. `found` is what the dataset says (None for a missing box), `true` the truth (None for a
    spurious box); both as (label, box). `file` is the name of the image, `label_id` the label's id in the database."""

    file: str
    label_id: str
    kind: ErrorKind
    found: tuple[str, Box] | None
    true: tuple[str, Box] | None
    mask: str | None = None


def plant(
    images: Sequence[StreetImage], share: float = SHARE, seed: int = 51
) -> tuple[list[StreetImage], list[Mistake]]:
    """Images with mistakes in `share` of their labels, and the list of mistakes; the same for the same seed."""
    rng = np.random.default_rng(seed)
    places = [(i, j) for i, image in enumerate(images) for j, one in enumerate(image.objects) if _large(one)]
    wanted = round(share * sum(len(image.objects) for image in images))
    made: list[Mistake] = []
    for place in rng.permutation(len(places)):
        if len(made) == wanted:
            break
        i, j = places[int(place)]
        mistake = _mistake(KINDS[len(made) % len(KINDS)], images[i], images[i].objects[j], rng)
        if mistake is not None:
            made.append(mistake)
    return [_with(image, made) for image in images], made


def restore(image: StreetImage, mistakes: Sequence[Mistake]) -> StreetImage:
    """The image with its true labels: the inverse of `plant`."""
    mine = {one.label_id: one for one in mistakes if one.file == image.path.name}
    objects = []
    for one in image.objects:
        mistake = mine.get(one.id or "")
        if mistake is None:
            objects.append(one)
        elif mistake.true is not None:
            objects.append(replace(one, label=mistake.true[0], box=mistake.true[1]))
    for mistake in mine.values():
        if mistake.kind == "missing box" and mistake.true is not None:
            objects.append(Label(mistake.true[0], mistake.true[1], id=mistake.label_id, mask_path=mistake.mask))
    return replace(image, objects=tuple(objects))


def write(mistakes: Sequence[Mistake], path: Path, seed: int, share: float = SHARE) -> None:
    """Store the truth beside the media."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"seed": seed, "share": share, "mistakes": [asdict(one) for one in mistakes]}, indent=1))
    part.replace(path)


def read(path: Path) -> list[Mistake]:
    """The planted mistakes that `write` stored."""
    return [_read_one(one) for one in json.loads(path.read_text())["mistakes"]]


def _read_one(kept: Mapping[str, object]) -> Mistake:
    values = dict(kept)
    for key in ("found", "true"):
        side = values[key]
        if isinstance(side, list):
            values[key] = (side[0], tuple(side[1]))
    return Mistake(**values)  # type: ignore[arg-type]


def _mistake(kind: ErrorKind, image: StreetImage, one: Label, rng: np.random.Generator) -> Mistake | None:
    box = one.box
    if box is None or one.id is None:
        return None
    true = (one.label, box)
    if kind == "wrong class":
        other = str(rng.choice([name for name in CLASSES if name != one.label]))
        return Mistake(image.path.name, one.id, kind, (other, box), true)
    if kind == "missing box":
        return Mistake(image.path.name, one.id, kind, None, true, one.mask_path)
    moved = _moved(box, rng) if kind == "shifted box" else _elsewhere(box, image, rng)
    if moved is None:
        return None
    if kind == "shifted box":
        return Mistake(image.path.name, one.id, kind, (one.label, moved), true)
    invented = identity("spurious", image.path.name, one.id)
    return Mistake(image.path.name, invented, kind, (one.label, moved), None, one.mask_path)


def _with(image: StreetImage, mistakes: Sequence[Mistake]) -> StreetImage:
    mine = {one.label_id: one for one in mistakes if one.file == image.path.name}
    if not mine:
        return image
    objects = []
    for one in image.objects:
        mistake = mine.get(one.id or "")
        if mistake is None:
            objects.append(one)
        elif mistake.found is not None:
            objects.append(replace(one, label=mistake.found[0], box=mistake.found[1]))
    for mistake in mine.values():
        if mistake.kind == "spurious box" and mistake.found is not None:
            objects.append(Label(mistake.found[0], mistake.found[1], id=mistake.label_id, mask_path=mistake.mask))
    return replace(image, objects=tuple(objects))


def _moved(box: Box, rng: np.random.Generator) -> Box | None:
    """The box moved by 35 to 60 % of its size, still inside the image."""
    for _ in range(12):
        dx, dy = (float(rng.uniform(0.35, 0.6)) * size * float(rng.choice([-1, 1])) for size in box[2:])
        x, y = box[0] + dx, box[1] + dy
        if x >= 0 and y >= 0 and x + box[2] <= 1 and y + box[3] <= 1:
            return x, y, box[2], box[3]
    return None


def _elsewhere(box: Box, image: StreetImage, rng: np.random.Generator) -> Box | None:
    """The box moved to a place without an object."""
    for _ in range(40):
        x, y = float(rng.uniform(0, 1 - box[2])), float(rng.uniform(0.05, 1 - box[3])) if box[3] < 0.95 else 0.0
        if all(one.box is None or not _overlap((x, y, box[2], box[3]), one.box) for one in image.objects):
            return x, y, box[2], box[3]
    return None


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


def _large(one: Label) -> bool:
    return one.box is not None and one.box[2] * one.box[3] >= _SMALLEST
