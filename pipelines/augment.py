"""Augmentation of images with their labels, written as data. The only module that knows albumentations.

A spec is a sequence of steps; it is plain JSON and stands in a run's config. What it may be made of: `transforms.py`.
"""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import ConfigError
from pipelines.transforms import CATALOG, Setting, Transform

Array = np.ndarray[Any, Any]

SMALLEST = 1e-3  # side of a box, as a part of the image: less has left it
VISIBLE = 0.1  # part of a box that must stay inside, as Ultralytics wants it (`box_candidates`)


class Step(BaseModel):
    """One random change: the name of a transform, how often it happens, its options, completed by their defaults.

    A bare name stands for a step with defaults. Raises ValueError: transform, option, what it expected and found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    p: float = Field(default=0.5, ge=0, le=1)
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        given = {"name": given} if isinstance(given, str) else given
        if not isinstance(given, Mapping) or "name" not in given:
            raise ValueError("expected the name of a transform, or a mapping with name, p and options")
        name = given["name"]
        if name not in CATALOG:
            raise ValueError(f"expected a transform, one of {', '.join(CATALOG)}; found {name!r}")
        return {**given, "options": _options(CATALOG[name], given.get("options") or {})}

    @property
    def transform(self) -> Transform:
        """What the catalog says of it."""
        return CATALOG[self.name]


def steps(given: Any) -> tuple[Step, ...]:
    """The steps of a spec as JSON or YAML give it. Raises ConfigError that names the step, counted from 1."""
    if not isinstance(given, list | tuple):
        raise ConfigError(f"expected a list of steps, found {given!r}")
    made = []
    for number, one in enumerate(given, start=1):
        try:
            made.append(Step.model_validate(one))
        except ValidationError as error:
            problem = error.errors()[0]
            place = "".join(f", {part}" for part in problem["loc"])
            raise ConfigError(f"step {number}{place}: {problem['msg'].removeprefix('Value error, ')}") from error
    return tuple(made)


@dataclass(frozen=True)
class Augmented:
    """An image with what belongs to it: `mask` (h, w), `masks` (n, h, w) of 0 and 1, `corners` (n, 4) in [0, 1].

    `kept` (n,) are the numbers, in the order given, of the objects that are still seen. What was not given is empty.
    """

    image: Array
    mask: Array
    masks: Array
    corners: Array
    classes: Array
    kept: Array


class Augment:
    """Applies a spec. The same seed gives the same result, in any process.

    `size` (height, width) is what crops are enlarged to, the image's own when None. `mask_fill` is the value of a
    semantic mask where the image enters from outside: give the value of void, if there is one.
    """

    def __init__(self, steps: Sequence[Step], *, size: tuple[int, int] | None = None, mask_fill: int = 0) -> None:
        self.steps = tuple(step for step in steps if step.p > 0)
        self.size, self.mask_fill = size, mask_fill
        self._moves = any(step.transform.moves for step in self.steps)
        self._drops = self._moves or any(step.transform.hides for step in self.steps)
        self._colours = any(step.transform.colours for step in self.steps)
        self._inside = 2 if mask_fill == 1 else 1  # of instance masks: told apart from what enters
        if self.steps:
            self._compose, self._crops = _compose(self.steps, mask_fill, self._drops)

    def __call__(
        self,
        image: Array,
        seed: int,
        *,
        mask: Array | None = None,
        masks: Array | None = None,
        corners: Array | None = None,
        classes: Array | None = None,
    ) -> Augmented:
        """Image (h, w, 3) RGB or (h, w), uint8; `mask` (h, w) uint8 of class values; `masks` (n, h, w) of objects.

        `corners` (n, 4) are x1, y1, x2, y2 relative to the image, `classes` (n,). Objects that leave are dropped from
        all of them; where an image is moved, boxes are drawn anew around the masks if there are some.
        """
        given = Augmented(
            image,
            np.zeros((0, 0), dtype=np.uint8) if mask is None else mask,
            np.zeros((0, *image.shape[:2]), dtype=np.uint8) if masks is None else (masks != 0).astype(np.uint8),
            np.zeros((0, 4)) if corners is None else np.asarray(corners, dtype=np.float64).reshape(-1, 4),
            np.zeros(0, dtype=np.int64) if classes is None else np.asarray(classes),
            np.arange(next((len(objects) for objects in (corners, masks, classes) if objects is not None), 0)),
        )
        return self._changed(given, seed) if self.steps else given

    def _changed(self, given: Augmented, seed: int) -> Augmented:
        self._compose.set_random_state(np.random.default_rng(seed), random.Random(seed))  # noqa: S311
        for crop in self._crops:
            crop.size = self.size or given.image.shape[:2]
        grey = given.image.ndim == 2
        targets: dict[str, Any] = {"image": given.image}
        if grey and self._colours:
            targets["image"] = np.repeat(given.image[..., None], 3, axis=2)
        if given.mask.size:
            targets["mask"] = given.mask
        if len(given.masks):
            targets["masks"] = given.masks * self._inside
        if self._drops:
            targets |= {"bboxes": given.corners, "kept": np.arange(len(given.corners))}
        done = self._compose(**targets)
        image = done["image"]
        if grey and image.ndim == 3:
            image = image.mean(axis=2).round().astype(np.uint8)
        changed = replace(given, image=np.ascontiguousarray(image), mask=done.get("mask", given.mask))
        return self._objects(changed, done)

    def _objects(self, given: Augmented, done: Mapping[str, Any]) -> Augmented:
        """The objects that are still seen."""
        kept, corners, masks = given.kept, given.corners, given.masks
        if self._drops and len(corners):
            kept = np.asarray(done["kept"], dtype=np.int64).reshape(-1)
            corners = np.asarray(done["bboxes"], dtype=np.float64).reshape(-1, 4)
        if len(masks):
            masks = (np.asarray(done["masks"]) == self._inside).astype(np.uint8)[kept]
            seen = masks.any(axis=(1, 2))
            kept, masks = kept[seen], masks[seen]
            if len(corners):
                corners = outlines(masks) if self._moves else corners[seen]
        classes = given.classes[kept] if len(given.classes) == len(given.kept) else given.classes
        return replace(given, masks=masks, corners=corners, classes=classes, kept=kept)


def outlines(masks: Array) -> Array:
    """The boxes (n, 4) around masks (n, h, w), none of them empty: x1, y1, x2, y2 relative to the image."""
    height, width = masks.shape[1:]
    columns, rows = np.asarray(masks.any(axis=1)), np.asarray(masks.any(axis=2))
    found = [
        columns.argmax(axis=1) / width,
        rows.argmax(axis=1) / height,
        1 - columns[:, ::-1].argmax(axis=1) / width,
        1 - rows[:, ::-1].argmax(axis=1) / height,
    ]
    return np.stack(found, axis=1).astype(np.float64).reshape(-1, 4)


def load() -> Any:
    """albumentations, imported without its half for torch: that would cost seconds, and is not used here."""
    half = "albumentations.pytorch"
    known = set(sys.modules)
    if "albumentations" not in known:
        sys.modules[half] = None  # type: ignore[assignment]  # as where torch is not installed
    try:
        return import_module("albumentations")
    finally:
        if half not in known:
            sys.modules.pop(half, None)


def transforms(steps: Sequence[Step], size: int) -> list[Any]:
    """The steps as albumentations' transforms, for a trainer that has its own hands on them and square images.

    Raises ConfigError for a transform that changes the size (height, width) of a square image.
    """
    library = load()
    for step in steps:
        if step.name == "RandomScale":
            raise ConfigError("RandomScale changes the size of images, and this model needs one: take Affine's scale")
    return [_made(library, step, 0, (size, size)) for step in steps if step.p > 0]


def _compose(steps: Sequence[Step], mask_fill: int, drops: bool) -> tuple[Any, list[Any]]:
    """The steps as albumentations has them, and those of them that need the size of the image before each call."""
    library = load()
    made = [_made(library, step, mask_fill) for step in steps]
    boxes = library.BboxParams(
        format="albumentations",
        label_fields=["kept"],
        clip=True,
        min_visibility=VISIBLE,
        min_width=SMALLEST,
        min_height=SMALLEST,
    )
    crops = [one for one in made if isinstance(one, library.RandomResizedCrop)]
    return library.Compose(made, bbox_params=boxes if drops else None), crops


def _made(library: Any, step: Step, mask_fill: int, size: tuple[int, int] = (1, 1)) -> Any:
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in step.options.items()}
    if "fill" in options and step.transform.group == "Geometry":
        options["fill_mask"] = mask_fill
    if step.name == "RandomResizedCrop":
        options["size"] = size
    return getattr(library, step.name)(**options, **(step.transform.fixed or {}), p=step.p)


def _options(transform: Transform, given: Mapping[str, Any]) -> dict[str, Any]:
    known = {setting.name: setting for setting in transform.settings}
    for name in given:
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise ValueError(f"{transform.name} has no option {name!r}; {has}")
    return {name: _value(transform, setting, given.get(name, setting.default)) for name, setting in known.items()}


def _value(transform: Transform, setting: Setting, value: Any) -> Any:
    """The value as JSON has it: a range is a list of two, whole numbers are whole."""
    if setting.kind == "switch" and isinstance(value, bool):
        return value
    if setting.kind == "choice" and value in setting.choices:
        return value
    if setting.kind in ("whole", "real") and _fits(setting, value):
        return _number(setting, value)
    if setting.kind in ("wholes", "reals") and _is_range(setting, value):
        return [_number(setting, end) for end in value]
    raise ValueError(f"{transform.name}, option {setting.name!r}: expected {_expected(setting)}, found {value!r}")


def _number(setting: Setting, value: float) -> float:
    return int(value) if setting.kind.startswith("whole") else float(value)


def _fits(setting: Setting, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    whole = not setting.kind.startswith("whole") or value == int(value)
    return whole and setting.low <= value <= setting.high and (not setting.odd or value % 2 == 1)


def _is_range(setting: Setting, value: Any) -> bool:
    pair = isinstance(value, list | tuple) and len(value) == 2
    return pair and all(_fits(setting, end) for end in value) and value[0] <= value[1]


def _expected(setting: Setting) -> str:
    if setting.kind == "switch":
        return "true or false"
    if setting.kind == "choice":
        return f"one of {', '.join(setting.choices)}"
    noun = ("an odd" if setting.odd else "a whole") + " number" if setting.kind.startswith("whole") else "a number"
    bounds = f"from {setting.low:g} to {setting.high:g}"
    if setting.kind in ("whole", "real"):
        return f"{noun} {bounds}"
    return f"a range [lowest, highest], each {noun} {bounds}"
