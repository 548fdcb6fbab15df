"""The options of object detection. Imports no torch: the form, the command line and the docs are made from it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

from datasets.kinds import DETECTIONS
from pipelines.config import Offer, option
from pipelines.families import Family
from pipelines.objects.options import ObjectsConfig, r_cnn, yolo
from pipelines.offers import torchvision, ultralytics

TITLE = "Object detection"
INPUT = "labelled images"
OUTPUT = "labels"
PROTOCOLS = ("objects",)
LABEL_KINDS = (DETECTIONS.name,)

Model = Literal[
    "yolo26n", "yolo26s", "yolo26m", "yolo26l", "yolo26x",
    "yolo12n", "yolo12s", "yolo12m", "yolo12l", "yolo12x",
    "yolo11n", "yolo11s", "yolo11m", "yolo11l", "yolo11x",
    "yolov8n", "yolov8s", "yolov8m", "yolov8l", "yolov8x",
    "fasterrcnn_resnet50_fpn_v2", "fasterrcnn_mobilenet_v3_large_320_fpn",
]  # fmt: skip
MODELS: tuple[str, ...] = get_args(Model)
TORCHVISION = {  # file names as in torchvision's weights enums
    "fasterrcnn_resnet50_fpn_v2": "fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth",
    "fasterrcnn_mobilenet_v3_large_320_fpn": "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
}


class Config(ObjectsConfig):
    """Every option of a detection run."""

    families: ClassVar[tuple[Family, ...]] = (
        yolo("detect", r"yolo\w+"),
        r_cnn("faster_rcnn", "faster", r"fasterrcnn_\w+"),
    )

    model: Model = option(
        "yolov8n",
        "the network; yolo*n are the smallest and fastest, yolo*x the largest; fasterrcnn_* come without the AGPL",
        advanced=False,
    )


def offer(model: str) -> Offer | None:
    """Weights trained on COCO, by the maker of the model."""
    if model not in MODELS:
        return None
    return torchvision(model, TORCHVISION[model]) if model in TORCHVISION else ultralytics(model)


# fast: 416 px see cells and signs of 10 px and more and cost 0.42 of 640 px; on BCCD (205 images, two cores) validation
# mAP50 stopped rising after 12 epochs, so 14 epochs with mosaic off for the last 4 fit into ten minutes. Batches of 8
# cost a processor no more than 16 and give a model that starts from scratch twice the steps.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "fast": {"model": "yolov8n", "image_size": 416, "batch": 8, "epochs": 14, "close_mosaic": 4, "patience": 14},
    "balanced": {"model": "yolo11s", "image_size": 640, "epochs": 60, "patience": 20},
    "accurate": {"model": "yolo11m", "image_size": 640, "epochs": 150, "patience": 40, "schedule": "cosine"},
}
