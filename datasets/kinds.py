"""The kinds of fields: one frozen table, whose names every other room carries.

A kind says what a field holds for one sample. Its name is FiftyOne's class of the field in lower case, if there is
one. Code that must tell kinds apart asks for a property of the kind (`holds`, `many`, `place`), never for its name.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from datasets.errors import FieldError

Holds = Literal[
    "objects", "polylines", "keypoints", "spans", "one class", "many classes", "a number", "whole mask", "image",
    "frames",
]  # fmt: skip
Place = Literal["box", "points", "support"]


@dataclass(frozen=True)
class Kind:
    """One kind of field.

    `holds`: what the field of a sample holds. `many`: any number of labels, else at most one. `label_class`: FiftyOne's
    class of the field, `item_class` that of a single label in it; None where it holds no labels of FiftyOne.
    `list_name`: where labels lie inside the field's document; None where the document is itself the one label.
    `place`: what every label must have: a box, points, or a span of frames. `word`: its name for formats and people.
    """

    name: str
    holds: Holds
    word: str
    many: bool = False
    label_class: str | None = None
    item_class: str | None = None
    list_name: str | None = None
    place: Place | None = None

    @property
    def whole_mask(self) -> bool:
        """Whether one mask covers the whole image: its classes are values of pixels."""
        return self.holds == "whole mask"

    @property
    def boxes(self) -> bool:
        """Whether labels are objects with a box, and maybe a mask inside it."""
        return self.place == "box"

    @property
    def posed(self) -> bool:
        """Whether labels are lists of key points, each maybe with a box of its object."""
        return self.holds == "keypoints"

    @property
    def confidence(self) -> str:
        """The key of a label's confidence in its document: key points have one for each point under that name."""
        return "score" if self.posed else "confidence"

    @property
    def of_class(self) -> bool:
        """Whether labels give the class or the classes of the whole image."""
        return self.holds in ("one class", "many classes")

    @property
    def labels(self) -> bool:
        """Whether the field holds labels, with a name, a place or a mask; else a number, a path or frames."""
        return self.label_class is not None and self.holds != "a number"


DETECTIONS = Kind("detections", "objects", "detection", True, "Detections", "Detection", "detections", "box")
DETECTION = Kind("detection", "objects", "one object", False, "Detection", "Detection", None, "box")
POLYLINES = Kind("polylines", "polylines", "polylines", True, "Polylines", "Polyline", "polylines", "points")
POLYLINE = Kind("polyline", "polylines", "one polyline", False, "Polyline", "Polyline", None, "points")
KEYPOINTS = Kind("keypoints", "keypoints", "keypoints", True, "Keypoints", "Keypoint", "keypoints", "points")
KEYPOINT = Kind("keypoint", "keypoints", "one set of keypoints", False, "Keypoint", "Keypoint", None, "points")
SPANS = Kind("temporaldetections", "spans", "spans of frames", True, "TemporalDetections", "TemporalDetection",
             "detections", "support")  # fmt: skip
SPAN = Kind("temporaldetection", "spans", "one span of frames", False, "TemporalDetection", "TemporalDetection", None,
            "support")  # fmt: skip
CLASSIFICATION = Kind("classification", "one class", "classification", False, "Classification", "Classification")
CLASSIFICATIONS = Kind("classifications", "many classes", "multilabel", True, "Classifications", "Classification",
                       "classifications")  # fmt: skip
SEGMENTATION = Kind("segmentation", "whole mask", "semantic segmentation", False, "Segmentation", "Segmentation")
REGRESSION = Kind("regression", "a number", "regression", False, "Regression", "Regression")
IMAGE = Kind("image", "image", "image-to-image")
FRAMES = Kind("frames", "frames", "labels of frames", True)

KINDS = MappingProxyType(
    {
        one.name: one
        for one in (
            DETECTIONS, DETECTION, CLASSIFICATION, CLASSIFICATIONS, SEGMENTATION, POLYLINES, POLYLINE, KEYPOINTS,
            KEYPOINT, SPANS, SPAN, REGRESSION, IMAGE, FRAMES,
        )
    }
)  # fmt: skip
_PACKAGE = "fiftyone.core.labels."
_BY_CLASS = {one.label_class: one for one in KINDS.values() if one.label_class}


def kind(name: str) -> Kind:
    """The kind of this name. Raises FieldError that lists the known ones."""
    found = KINDS.get(name)
    if found is None:
        raise FieldError(f"expected a kind of field, one of {', '.join(KINDS)}; found {name!r}")
    return found


def of_class(label_class: str | None) -> Kind | None:
    """The kind of a field by FiftyOne's class of its documents, full or short; None for what holds no known labels."""
    return _BY_CLASS.get(label_class.removeprefix(_PACKAGE)) if label_class else None
