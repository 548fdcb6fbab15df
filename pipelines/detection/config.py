"""The options of object detection. Imports no torch: the form, the command line and the docs are made from it."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import model_validator

from pipelines.config import Offer, TaskConfig, option
from pipelines.offers import torchvision, ultralytics

TITLE = "Object detection"
LABEL_KINDS = ("detections",)
METRICS = ("map", "map50", "map75", "precision", "recall", "f1")

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
Optimizer = Literal["auto", "SGD", "AdamW", "Adam", "NAdam", "RAdam", "RMSProp", "MuSGD"]


class Config(TaskConfig):
    """Every option of a detection run. Defaults are those of Ultralytics 8.4 unless the help says otherwise."""

    model: Model = option(
        "yolov8n",
        "which network learns; n is the smallest and quickest of a family, x the largest; "
        "fasterrcnn_* are the models without the AGPL",
        advanced=False,
    )
    weights: str = option(
        "auto",
        "where learning starts: auto (weights trained on COCO when they are on this machine, else from scratch, with a "
        "warning), pretrained (they must be there), none (from scratch), or the name or path of a weights file",
        advanced=False,
    )
    allow_download: bool = option(
        False, "may fetch missing pretrained weights from their makers; nothing leaves this machine otherwise"
    )
    epochs: int = option(50, "how often every training image is seen", unit="epochs", advanced=False, ge=1, le=5000)
    image_size: int = option(
        640, "longest side of the images that the network sees; a multiple of 32",
        unit="px", advanced=False, ge=32, le=4096, multiple_of=32,
    )  # fmt: skip
    batch: int = option(16, "images per step; fewer need less memory", unit="images", advanced=False, ge=1, le=1024)
    nominal_batch: int = option(
        0,
        "YOLO: images per change of the weights, whose gradients are summed; 0: 64 when learning "
        "starts from weights, as in Ultralytics, and one batch when it starts from scratch",
        unit="images",
        ge=0,
        le=4096,
    )
    patience: int = option(
        30, "stops when the validation score has not risen for so many epochs; 0 never stops early", unit="epochs", ge=0
    )
    max_minutes: float = option(
        0.0, "stops after the first epoch that ends later than this; 0 for no limit", unit="minutes", ge=0
    )
    optimizer: Optimizer = option(
        "auto",
        "auto: for YOLO the choice of Ultralytics (AdamW for short runs, MuSGD for long ones), for Faster R-CNN SGD; "
        "MuSGD is for YOLO only",
    )
    learning_rate: float | None = option(
        None, "at the first epoch after warm-up; empty for the choice that goes with the optimizer", gt=0, le=1
    )
    final_learning_rate: float = option(0.01, "learning rate of the last epoch, as a part of the first", gt=0, le=1)
    cosine: bool = option(False, "the learning rate falls along a cosine instead of a line")
    warmup_epochs: float = option(3.0, "epochs over which the learning rate rises", unit="epochs", ge=0, le=100)
    weight_decay: float = option(0.0005, "pull of the weights to zero", ge=0, le=1)
    momentum: float = option(0.937, "momentum of SGD, beta1 of Adam", ge=0, lt=1)
    freeze: int = option(0, "layers, counted from the image, that do not learn (Faster R-CNN: stages)", ge=0, le=50)
    ema: bool = option(False, "Faster R-CNN predicts with a moving average of its weights; YOLO always does")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = option(
        "auto", "numbers used while training; auto: bf16 on a GPU that has it, fp32 elsewhere"
    )
    workers: int = option(4, "processes that read images; used with a GPU only", unit="processes", ge=0, le=64)

    mosaic: float = option(1.0, "YOLO: how often four images are joined into one", unit="probability", ge=0, le=1)
    close_mosaic: int = option(10, "YOLO: the last so many epochs see whole images only", unit="epochs", ge=0)
    mixup: float = option(0.0, "YOLO: how often two images are blended", unit="probability", ge=0, le=1)
    flip_horizontal: float = option(0.5, "how often an image is mirrored left to right", unit="probability", ge=0, le=1)
    flip_vertical: float = option(0.0, "how often an image is mirrored top to bottom", unit="probability", ge=0, le=1)
    rotate: float = option(0.0, "images are turned by up to this angle, either way", unit="degrees", ge=0, le=180)
    translate: float = option(0.1, "images are moved by up to this part of their size", ge=0, le=1)
    scale: float = option(0.5, "images are zoomed by up to this part of their size", ge=0, lt=1)
    hue: float = option(0.015, "change of hue", ge=0, le=1)
    saturation: float = option(0.7, "change of saturation", ge=0, le=1)
    brightness: float = option(0.4, "change of brightness", ge=0, le=1)

    confidence: float = option(0.001, "predictions below this confidence are not kept", ge=0, lt=1)
    nms_iou: float = option(0.7, "of two predictions of a class that overlap more than this, one is kept", ge=0, le=1)
    max_detections: int = option(300, "most predictions per image", unit="labels", ge=1, le=10000)
    predict_batch: int = option(16, "images per step when predicting", unit="images", ge=1, le=1024)

    @property
    def family(self) -> str:
        """`yolo` or `faster_rcnn`: the folder beside this file that trains the model."""
        return "faster_rcnn" if self.model.startswith("fasterrcnn") else "yolo"

    @model_validator(mode="after")
    def _agree(self) -> "Config":
        if self.family == "yolo" and self.optimizer == "auto" and self.learning_rate is not None:
            raise ValueError("learning_rate needs an optimizer by name (SGD, AdamW, ...): auto chooses its own rate")
        if self.family == "faster_rcnn" and self.optimizer == "MuSGD":
            raise ValueError("optimizer MuSGD is for YOLO models; take auto, SGD or AdamW for Faster R-CNN")
        return self


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
    "accurate": {"model": "yolo11m", "image_size": 640, "epochs": 150, "patience": 40, "cosine": True},
}
