"""The heads of Ultralytics' networks: what they predict, and what goes in. Imports no torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datasets.kinds import CLASSIFICATION, DETECTIONS, KEYPOINTS


@dataclass(frozen=True)
class Head:
    """One of Ultralytics' tasks.

    `name` is Ultralytics' (detect, segment, pose, classify), `label_kind` that of the predictions; `figures` are
    the names of its validation figures, with ours; `preprocess(image_size)` says how an image becomes the model's
    input; `image_size` is that of a weights file that names none.
    """

    name: str
    label_kind: str
    figures: Mapping[str, str]
    preprocess: Callable[[int], dict[str, Any]]
    image_size: int = 640


def letterboxed(image_size: int) -> dict[str, Any]:
    """How an image becomes the input of a model that finds objects."""
    return {
        "image_size": image_size, "resize": "longest side, bilinear", "pad": "rectangle of the batch, value 114",
        "stride": 32, "channels": "RGB", "range": [0, 1],
    }  # fmt: skip


def cropped(image_size: int) -> dict[str, Any]:
    """How an image becomes the input of a classifier."""
    return {
        "image_size": image_size, "resize": "shortest side, bilinear", "crop": "the middle square",
        "channels": "RGB", "range": [0, 1],
    }  # fmt: skip


DETECT = Head(
    "detect",
    DETECTIONS.name,
    {
        "metrics/mAP50-95(B)": "map",
        "metrics/mAP50(B)": "map50",
        "metrics/precision(B)": "precision",
        "metrics/recall(B)": "recall",
    },
    letterboxed,
)
SEGMENT = Head(
    "segment",
    DETECTIONS.name,
    {
        "metrics/mAP50-95(M)": "map",
        "metrics/mAP50(M)": "map50",
        "metrics/precision(M)": "precision",
        "metrics/recall(M)": "recall",
        "metrics/mAP50-95(B)": "box_map",
        "metrics/mAP50(B)": "box_map50",
    },
    letterboxed,
)
POSE = Head(
    "pose",
    KEYPOINTS.name,
    {
        "metrics/mAP50-95(P)": "map",
        "metrics/mAP50(P)": "map50",
        "metrics/precision(P)": "precision",
        "metrics/recall(P)": "recall",
        "metrics/mAP50-95(B)": "box_map",
        "metrics/mAP50(B)": "box_map50",
    },
    letterboxed,
)
CLASSIFY = Head(
    "classify",
    CLASSIFICATION.name,
    {"metrics/accuracy_top1": "accuracy", "metrics/accuracy_top5": "top5"},
    cropped,
    image_size=224,
)
HEADS: Mapping[str, Head] = {head.name: head for head in (DETECT, SEGMENT, POSE, CLASSIFY)}
