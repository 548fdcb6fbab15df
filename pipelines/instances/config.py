"""The options of instance segmentation. Imports no torch: the form, the command line and the docs are made from it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

from datasets.kinds import DETECTIONS
from pipelines.config import Offer, option
from pipelines.families import Family
from pipelines.objects.options import ObjectsConfig, r_cnn, yolo
from pipelines.offers import torchvision, ultralytics

TITLE = "Instance segmentation"
INPUT = "labelled images"
OUTPUT = "labels"
PROTOCOLS = ("instances",)
LABEL_KINDS = (DETECTIONS.name,)
NEEDS_MASKS = True

Model = Literal[
    "yolo26n-seg", "yolo26s-seg", "yolo26m-seg", "yolo26l-seg", "yolo26x-seg",
    "yolo11n-seg", "yolo11s-seg", "yolo11m-seg", "yolo11l-seg", "yolo11x-seg",
    "yolov8n-seg", "yolov8s-seg", "yolov8m-seg", "yolov8l-seg", "yolov8x-seg",
    "maskrcnn_resnet50_fpn_v2", "maskrcnn_mobilenet_v3_large_320_fpn",
]  # fmt: skip
MODELS: tuple[str, ...] = get_args(Model)
TORCHVISION = {  # as in torchvision's weights enums; for the small network they have those of its detector alone
    "maskrcnn_resnet50_fpn_v2": "maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth",
    "maskrcnn_mobilenet_v3_large_320_fpn": "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
}


class Config(ObjectsConfig):
    """Every option of a run of instance segmentation."""

    families: ClassVar[tuple[Family, ...]] = (
        yolo("segment", r"yolo\w+-seg"),
        r_cnn("mask_rcnn", "mask", r"maskrcnn_\w+", inert=frozenset({"mask_ratio"})),
    )

    model: Model = option(
        "yolov8n-seg",
        "the network; yolo*n-seg are the smallest and fastest, yolo*x-seg the largest; maskrcnn_* come without the "
        "AGPL",
        advanced=False,
    )
    mask_ratio: int = option(
        4, "masks are learned at the image size divided by this; 1 keeps thin structures and costs memory", ge=1, le=8
    )
    max_detections: int = option(100, "most predictions per image", unit="labels", ge=1, le=10000)


def offer(model: str) -> Offer | None:
    """Weights trained on COCO, by the maker of the model."""
    if model in TORCHVISION:
        return torchvision(model, TORCHVISION[model])
    return ultralytics(model) if model.endswith("-seg") and model in MODELS else None


# fast: as of detection, whose network is the same but for the masks.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "fast": {"model": "yolov8n-seg", "image_size": 416, "batch": 8, "epochs": 14, "close_mosaic": 4, "patience": 14},
    "balanced": {"model": "yolo11s-seg", "image_size": 640, "epochs": 60, "patience": 20},
    "accurate": {"model": "yolo11m-seg", "image_size": 640, "epochs": 150, "patience": 40, "schedule": "cosine"},
}
