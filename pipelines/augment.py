"""Augmentation of images with boxes, written as data. The only module that knows albumentations.

A spec is a sequence of steps, each a name in STEPS with its options; it is plain JSON and stands in a run's config.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipelines.errors import ConfigError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Step:
    """One random change: its name, how often it happens, its options."""

    name: str
    chance: float
    options: Mapping[str, Any] = field(default_factory=dict)


class Augment:
    """Applies a spec. The same seed gives the same result, in any process."""

    def __init__(self, steps: Sequence[Step]) -> None:
        import albumentations

        made = [_make(albumentations, step) for step in steps if step.chance > 0]
        boxes = albumentations.BboxParams(
            format="albumentations",
            label_fields=["classes"],
            clip=True,
            min_visibility=0.1,
            min_width=1e-3,
            min_height=1e-3,
        )
        self._compose = albumentations.Compose(made, bbox_params=boxes)

    def __call__(self, image: Array, corners: Array, classes: Array, seed: int) -> tuple[Array, Array, Array]:
        """Image (h, w, 3) uint8, corners (n, 4) relative x1, y1, x2, y2, classes (n,); boxes that leave are dropped."""
        self._compose.set_random_seed(seed)
        done = self._compose(image=image, bboxes=corners, classes=classes)
        return (
            done["image"],
            np.asarray(done["bboxes"], dtype=np.float64).reshape(-1, 4),
            np.asarray(done["classes"], dtype=np.int64).reshape(-1),
        )


def _make(library: Any, step: Step) -> Any:
    if step.name not in STEPS:
        raise ConfigError(f"expected an augmentation, one of {', '.join(STEPS)}; found {step.name!r}")
    return STEPS[step.name](library, step.chance, step.options)


def _affine(library: Any, chance: float, options: Mapping[str, Any]) -> Any:
    """Turns (degrees), moves and zooms (parts of the size), by up to the amounts given, either way."""
    angle, move, zoom = (float(options.get(name, 0)) for name in ("rotate", "translate", "scale"))
    return library.Affine(
        rotate=(-angle, angle),
        translate_percent=(-move, move),
        scale=(1 - zoom, 1 + zoom),
        keep_ratio=True,
        fill=114,
        p=chance,
    )


def _colour(library: Any, chance: float, options: Mapping[str, Any]) -> Any:
    amounts = {name: float(options.get(name, 0)) for name in ("brightness", "contrast", "saturation", "hue")}
    return library.ColorJitter(**{name: _around(name, amount) for name, amount in amounts.items()}, p=chance)


def _around(name: str, amount: float) -> tuple[float, float]:
    return (-min(amount, 0.5), min(amount, 0.5)) if name == "hue" else (max(0.0, 1 - amount), 1 + amount)


STEPS: Mapping[str, Callable[[Any, float, Mapping[str, Any]], Any]] = {
    "flip_horizontal": lambda library, chance, _options: library.HorizontalFlip(p=chance),
    "flip_vertical": lambda library, chance, _options: library.VerticalFlip(p=chance),
    "affine": _affine,
    "colour": _colour,
}
