"""What a field of labels allows: its classes, their attributes, a skeleton of key points, and rules of geometry.

The same records travel as JSON to the browser (`Schema` in `app/assets/labeling.js`).
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MOST_CLASSES = 10_000
VOID = 255  # the value of pixels of no class in a semantic mask
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=_LINE)]
Kind = Literal["choice", "number", "text", "flag"]
Value = bool | int | float | str | None
# What a format says that we have no use for, by name: kept for the way back into that format.
Kept = Annotated[dict[str, Annotated[str, StringConstraints(max_length=100_000)]], Field(max_length=20)]
Thing = TypeVar("Thing", bound=Hashable)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SchemaClass(_Record):
    """One class. `colour` is `#rrggbb`, None for the palette's own; `hotkey` one character; `value` that of its pixels.

    Only classes of whole masks have a value.
    """

    name: Name
    colour: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")] | None = None
    hotkey: Annotated[str, StringConstraints(min_length=1, max_length=1, pattern=r"^\S$")] | None = None
    value: int | None = Field(default=None, ge=0, le=65_535)
    kept: Kept = Field(default_factory=dict)


class SchemaAttribute(_Record):
    """An attribute of labels: one of `choices`, a number, text, or a flag (true or false).

    `classes` are those that have it, None for all. Two attributes may share a name where they share no class.
    `title` is what people call it, where that is no name of an attribute.
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^\w+$")]
    kind: Kind
    choices: tuple[Annotated[str, StringConstraints(max_length=1000)], ...] = Field(default=(), max_length=1000)
    minimum: float | None = None
    maximum: float | None = None
    default: Value = None
    required: bool = False
    classes: tuple[Name, ...] | None = Field(default=None, max_length=MOST_CLASSES)
    title: Name | None = None
    kept: Kept = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits(self) -> "SchemaAttribute":
        if self.kind == "choice" and not self.choices:
            raise ValueError(f"expected at least one choice for attribute {self.name!r}, found none")
        if twice := _twice(self.choices):
            raise ValueError(f"expected each choice of attribute {self.name!r} once, found {twice!r} more than once")
        for bound in (self.minimum, self.maximum):
            if bound is not None and not math.isfinite(bound):
                raise ValueError(f"expected finite bounds of attribute {self.name!r}, found {bound}")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(
                f"expected the minimum of attribute {self.name!r} below its maximum, found {self.minimum:g} and "
                f"{self.maximum:g}"
            )
        if self.default is not None and (wrong := self.problem(self.default)):
            raise ValueError(f"expected a default of attribute {self.name!r} that it allows, found {wrong}")
        return self

    def of(self, name: str) -> bool:
        """Whether labels of this class have the attribute."""
        return self.classes is None or name in self.classes

    def problem(self, value: object) -> str | None:
        """What is wrong with a value of this attribute, in words; None where it is allowed."""
        if self.kind == "choice":
            return None if value in self.choices else f"{value!r}, none of its choices"
        if self.kind == "flag":
            return None if isinstance(value, bool) else f"{value!r}, neither true nor false"
        if self.kind == "text":
            return None if isinstance(value, str) else f"{value!r}, no text"
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return f"{value!r}, no number"
        low, high = self.minimum, self.maximum
        below = low is not None and value < low
        return f"{value:g}, out of its bounds" if below or (high is not None and value > high) else None


class Skeleton(_Record):
    """Names of key points, in order, and the pairs of their positions that lines join."""

    points: tuple[Name, ...] = Field(max_length=1000)
    edges: tuple[tuple[int, int], ...] = Field(default=(), max_length=10_000)

    @model_validator(mode="after")
    def _fits(self) -> "Skeleton":
        if twice := _twice(self.points):
            raise ValueError(f"expected each point of a skeleton once, found {twice!r} more than once")
        for edge in self.edges:
            if not all(0 <= end < len(self.points) for end in edge):
                raise ValueError(f"expected edges between points 0 to {len(self.points) - 1}, found {list(edge)}")
        return self


class Rules(_Record):
    """Limits that are checked: least width and height in pixels, whether labels must lie on the image, largest IoU.

    `overlap` is the largest IoU of the boxes of two labels of one class, None for any.
    """

    smallest: float = Field(default=0, ge=0, le=1e6)
    inside: bool = False
    overlap: float | None = Field(default=None, ge=0, le=1)


class Schema(_Record):
    """What a field of labels allows; classes in the order of the dataset."""

    classes: tuple[SchemaClass, ...] = Field(default=(), max_length=MOST_CLASSES)
    attributes: tuple[SchemaAttribute, ...] = Field(default=(), max_length=1000)
    skeleton: Skeleton | None = None
    rules: Rules = Rules()

    @model_validator(mode="after")
    def _fits(self) -> "Schema":
        for what, given in (
            ("name of a class", [one.name for one in self.classes]),
            ("hotkey", [one.hotkey for one in self.classes if one.hotkey]),
            ("value of a class", [one.value for one in self.classes if one.value is not None]),
        ):
            if (twice := _twice(given)) is not None:
                raise ValueError(f"expected each {what} once, found {twice!r} more than once")
        for number, one in enumerate(self.attributes):
            if unknown := set(one.classes or ()) - set(self.names):
                raise ValueError(
                    f"expected the classes of attribute {one.name!r} among those of the schema, found "
                    f"{min(unknown)!r}; add that class first"
                )
            if any(one.name == other.name and _meet(one, other) for other in self.attributes[:number]):
                raise ValueError(f"expected one attribute {one.name!r} for each class, found two")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its classes, in order."""
        return tuple(one.name for one in self.classes)

    def attributes_of(self, name: str) -> tuple[SchemaAttribute, ...]:
        """The attributes that labels of this class have."""
        return tuple(one for one in self.attributes if one.of(name))

    def with_class(self, made: SchemaClass) -> "Schema":
        """The schema with one more class, at the end. Raises ValueError where it does not fit."""
        return Schema.model_validate({**dict(self), "classes": (*self.classes, made)})


def free_value(taken: Iterable[int], *, most: int = VOID - 1) -> int | None:
    """A value from 1 on that no class of a whole mask has; None where all are taken. 0 and 255 are left for no class.

    One above the highest comes first, so that pixels of a class that was deleted do not become those of the new one.
    """
    known = set(taken)
    above = max((one for one in known if one < VOID), default=0) + 1
    return next((one for one in (above, *range(1, most + 1)) if 1 <= one <= most and one not in known), None)


def _meet(one: SchemaAttribute, other: SchemaAttribute) -> bool:
    return one.classes is None or other.classes is None or bool(set(one.classes) & set(other.classes))


def _twice(given: Iterable[Thing]) -> Thing | None:
    return next((one for one, count in Counter(given).items() if count > 1), None)
