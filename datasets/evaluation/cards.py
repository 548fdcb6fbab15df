"""Reports of an evaluation and their metric cards, as frozen records; JSON on disk holds the same names.

A report covers one split, or all samples. Its card says how the figures were measured; without it they mean nothing.
"""

import importlib.metadata
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic, Self, TypeVar

Value = float | int | None  # None where nothing can be measured
Matrix = tuple[tuple[int, ...], ...]
Card_co = TypeVar("Card_co", bound="Card", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where the predictions of a report come from, and what they were scored against. `scored` is a time, ISO 8601.

    `changed_meanwhile` counts samples that changed while they were scored and were left out of what was written.
    `chosen` says why objects were compared by boxes or by masks where nobody said.
    """

    dataset_revision: str | None = None
    confidence_floor: float | None = None
    weights_hash: str | None = None
    weights: str | None = None
    run: str = ""
    field: str = ""
    label_field: str = ""
    scored: str = ""
    changed_meanwhile: int = 0
    chosen: str = ""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """From JSON of this version or an earlier one: missing values are unknown, other names are ignored."""
        return cls(**_known(cls, values))

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return _plain(self)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What every protocol says of its figures.

    `split` is "all" for all samples. `findings` are sentences. `agrees_with` names the libraries that tests hold the
    figures against.
    """

    protocol: str = ""
    samples: int = 0
    split: str = "all"
    findings: tuple[str, ...] = ()
    agrees_with: str = ""
    origin: Origin = field(default_factory=Origin)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """From JSON of this version or an earlier one: missing values are unknown, other names are ignored."""
        return cls(**_known(cls, values), origin=Origin.read(values))

    def plain(self) -> dict[str, Any]:
        """As JSON, the origin's names among the others."""
        found = _plain(self)
        del found["origin"]
        return {**found, **self.origin.plain()}


@dataclass(frozen=True, kw_only=True)
class ObjectsCard(Card):
    """The card of boxes, masks or key points of objects.

    `confidence` and `iou` are the thresholds of precision, recall and F1; `measure` is what they agree by, IoU or OKS,
    and `similarity` says how OKS was measured.
    """

    averaging: str = ""
    iou_thresholds: tuple[float, ...] = ()
    confidence: float = 0.0
    iou: float = 0.0
    best_f1_confidence: float = 0.0
    max_detections: Mapping[str, int | None] = field(default_factory=dict)
    lowest_confidence: float | None = None
    labels: int = 0
    crowds: int = 0
    predictions: int = 0
    measure: str = "IoU"
    similarity: str = ""


@dataclass(frozen=True, kw_only=True)
class ImagesCard(Card):
    """The card of labels of whole images: samples without a prediction or without a label count in no figure."""

    missing_predictions: int = 0
    unlabelled: int = 0
    left_out: str = ""


@dataclass(frozen=True, kw_only=True)
class ClassCard(ImagesCard):
    """The card of one class per image. `confusion` is None for many classes; its last column is for no answer."""

    averaging: str = ""
    confidence: float = 0.0
    calibration: str = ""
    scores: str = ""
    without_confidence: int = 0
    confusion: Matrix | None = None


@dataclass(frozen=True, kw_only=True)
class TagsCard(ImagesCard):
    """The card of any number of classes per image. `confidence` is one value for all classes, or one per class."""

    averaging: str = ""
    confidence: float | Mapping[str, float] = 0.0
    lowest_confidence: float | None = None
    without_confidence: int = 0
    labels: int = 0
    predictions: int = 0


@dataclass(frozen=True, kw_only=True)
class PixelsCard(ImagesCard):
    """The card of semantic masks. `classes` counts those on either side. The last column of `confusion` is no class."""

    ignored: str = ""
    classes: int = 0
    boundary: str = ""
    pixels: int = 0
    confusion: Matrix = ()


@dataclass(frozen=True)
class Report(Generic[Card_co]):
    """Figures by name, of all samples together and of each class, and the card to read them with."""

    metrics: Mapping[str, Value]
    per_class: Mapping[str, Mapping[str, Value]]
    card: Card_co

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        each = {name: dict(values) for name, values in self.per_class.items()}
        return {"metrics": dict(self.metrics), "per_class": each, "card": self.card.plain()}

    def of_split(self, split: str) -> Self:
        """The same report under the name of a split."""
        return replace(self, card=replace(self.card, split=split))

    def changed(self, samples: int) -> Self:
        """The same report, with the number of samples that changed while they were scored."""
        return replace(self, card=replace(self.card, origin=replace(self.card.origin, changed_meanwhile=samples)))


# The card of a protocol, by a name that no other card has.
CARDS: Mapping[str, type[Card]] = {
    "iou": ObjectsCard, "calibration": ClassCard, "boundary": PixelsCard, "without_confidence": TagsCard,
}  # fmt: skip


def read(values: Mapping[str, Any]) -> Report[Card]:
    """A report from JSON of this version or an earlier one; its card is that of the protocol that wrote it."""
    card = values.get("card", {})
    return read_as(values, next((kind for name, kind in CARDS.items() if name in card), Card))


def read_as(values: Mapping[str, Any], kind: type[Card_co]) -> Report[Card_co]:
    """A report with a card of this kind."""
    return Report(values.get("metrics", {}), values.get("per_class", {}), kind.read(values.get("card", {})))


def agrees_with(*packages: str) -> str:
    """Libraries that tests hold the figures against, with the versions that are installed."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)


def plain(value: float) -> float | None:
    """The number as JSON knows it: None for NaN."""
    return None if math.isnan(value) else value


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {one.name for one in fields(kind)} - {"origin"}
    return {name: _frozen(value) for name, value in values.items() if name in names}


def _plain(record: Any) -> dict[str, Any]:
    return {one.name: _thawed(getattr(record, one.name)) for one in fields(record)}


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _thawed(value: Any) -> Any:
    return list(map(_thawed, value)) if isinstance(value, tuple) else value
