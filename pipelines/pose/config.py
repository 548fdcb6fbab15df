"""The options of pose estimation. Imports no torch: the form, the command line and the docs are made from it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

from datasets.kinds import KEYPOINTS
from pipelines.config import Offer, option
from pipelines.families import Family
from pipelines.objects.options import ObjectsConfig, yolo
from pipelines.offers import ultralytics

TITLE = "Pose estimation"
INPUT = "labelled images"
OUTPUT = "labels"
PROTOCOLS = ("key points",)
LABEL_KINDS = (KEYPOINTS.name,)

Model = Literal[
    "yolo26n-pose", "yolo26s-pose", "yolo26m-pose", "yolo26l-pose", "yolo26x-pose",
    "yolo11n-pose", "yolo11s-pose", "yolo11m-pose", "yolo11l-pose", "yolo11x-pose",
    "yolov8n-pose", "yolov8s-pose", "yolov8m-pose", "yolov8l-pose", "yolov8x-pose",
]  # fmt: skip
MODELS: tuple[str, ...] = get_args(Model)


class Config(ObjectsConfig):
    """Every option of a run of pose estimation."""

    families: ClassVar[tuple[Family, ...]] = (yolo("pose", r"yolo\w+-pose"),)

    model: Model = option(
        "yolo11n-pose",
        "the network; yolo*n-pose are the smallest and fastest, yolo*x-pose the largest",
        advanced=False,
    )
    points_gain: float = option(12.0, "weight of the distance of points in the loss, beside 7.5 of boxes", ge=0, le=100)
    seen_gain: float = option(1.0, "weight in the loss of telling which points are labelled", ge=0, le=100)
    flip_horizontal: float = option(
        0.5,
        "probability that an image is flipped left to right; points whose names say left and right change places, and "
        "where the names of points do not tell which do, nothing is flipped",
        unit="probability",
        ge=0,
        le=1,
    )


def offer(model: str) -> Offer | None:
    """Weights trained on the persons of COCO, by the maker of the model."""
    return ultralytics(model) if model in MODELS else None


# fast: as of detection, whose network is the same but for the points; these need more pixels than a box.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "fast": {"model": "yolo11n-pose", "image_size": 480, "batch": 8, "epochs": 20, "close_mosaic": 5, "patience": 20},
    "balanced": {"model": "yolo11s-pose", "image_size": 640, "epochs": 80, "patience": 25},
    "accurate": {"model": "yolo11m-pose", "image_size": 640, "epochs": 200, "patience": 50, "schedule": "cosine"},
}
