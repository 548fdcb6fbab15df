"""The options of every task that finds objects. Imports no torch: form, command line and docs are made from them."""

from typing import ClassVar, Literal

from pydantic import model_validator

from datasets.evaluation.thresholds import FLOOR
from pipelines.config import option
from pipelines.families import Family, of_model
from pipelines.training.options import TrainingConfig

Optimizer = Literal["auto", "SGD", "AdamW", "Adam", "NAdam", "RAdam", "RMSprop", "MuSGD"]
ALONE = 64  # px; smaller images have one pixel at the last stride, of which batch normalisation needs two
PREDICTING = frozenset({"confidence", "nms_iou", "max_detections", "predict_batch", "workers", "device"})
R_CNN_ALONE = frozenset({"clip", "ema", "channels_last", "find_learning_rate", "processes"})
YOLO_ALONE = frozenset({"nominal_batch", "mosaic", "close_mosaic", "mixup"})


def yolo(part: str, models: str) -> Family:
    """Ultralytics' models with the head `part`, by a pattern of their names."""
    return Family(
        "yolo", "YOLO", "pipelines.yolo", models, PREDICTING,
        inert=R_CNN_ALONE, suffixes=(".pt",), pickled=True, part=part,
    )  # fmt: skip


def r_cnn(name: str, part: str, models: str, inert: frozenset[str] = frozenset()) -> Family:
    """torchvision's models of one shape, by a pattern of their names; `inert` are further options without effect."""
    return Family(
        name, "R-CNN", "pipelines.rcnn", models, PREDICTING,
        inert=YOLO_ALONE | inert, absent={"optimizer": ("MuSGD",)}, suffixes=(".safetensors", ".pth"), part=part,
    )  # fmt: skip


class ObjectsConfig(TrainingConfig):
    """Options of YOLO and of the R-CNN family. Defaults are those of Ultralytics 8.4 unless the help says otherwise."""

    bf16_on_cpu: ClassVar[bool] = False

    epochs: int = option(50, "passes over the training images", unit="epochs", advanced=False, ge=1, le=5000)
    optimizer: Optimizer = option(  # type: ignore[assignment]
        "auto", "auto: for YOLO the choice of Ultralytics (AdamW for short runs, MuSGD for long ones), for R-CNN SGD"
    )
    schedule: Literal["cosine", "line", "constant"] = option("line", "learning rate schedule after warm-up")
    warmup_epochs: float = option(3.0, "epochs over which the learning rate rises", unit="epochs", ge=0, le=100)
    weight_decay: float = option(0.0005, "weight decay (L2 penalty)", ge=0, le=1)
    momentum: float = option(0.937, "momentum of SGD, beta1 of Adam", ge=0, lt=1)
    clip: float = option(10.0, "clip the gradient norm to this value; 0 for no clipping", ge=0)
    patience: int = option(
        30, "stop early when the validation score has not improved for this many epochs; 0 never stops early",
        unit="epochs", ge=0,
    )  # fmt: skip
    channels_last: bool = option(False, "channels-last memory layout")

    image_size: int = option(
        640, "longest side of the images that the network sees; a multiple of 32",
        unit="px", advanced=False, ge=32, le=4096, multiple_of=32,
    )  # fmt: skip
    nominal_batch: int = option(
        0,
        "gradients are accumulated over this many images before the weights are updated; 0: 64 when training starts "
        "from pretrained weights, as in Ultralytics, and one batch when it starts from scratch",
        unit="images",
        ge=0,
        le=4096,
    )
    freeze: int = option(0, "freeze the first so many layers (YOLO) or stages of the backbone (R-CNN)", ge=0, le=50)

    mosaic: float = option(1.0, "probability that four images are joined into one", unit="probability", ge=0, le=1)
    close_mosaic: int = option(10, "no mosaic in the last so many epochs", unit="epochs", ge=0)
    mixup: float = option(0.0, "probability that two images are blended", unit="probability", ge=0, le=1)
    flip_horizontal: float = option(
        0.5, "probability that an image is flipped left to right", unit="probability", ge=0, le=1
    )
    flip_vertical: float = option(
        0.0, "probability that an image is flipped top to bottom", unit="probability", ge=0, le=1
    )
    rotate: float = option(0.0, "largest random rotation, either way", unit="degrees", ge=0, le=180)
    translate: float = option(0.1, "largest random shift, as a fraction of the image size", ge=0, le=1)
    scale: float = option(0.5, "largest random change of scale, as a fraction", ge=0, lt=1)
    hue: float = option(0.015, "largest random change of hue", ge=0, le=1)
    saturation: float = option(0.7, "largest random change of saturation", ge=0, le=1)
    brightness: float = option(0.4, "largest random change of brightness", ge=0, le=1)

    confidence: float = option(FLOOR, "predictions below this confidence are discarded", ge=0, lt=1)
    nms_iou: float = option(
        0.7, "IoU threshold of non-maximum suppression: of two predictions of a class that overlap more, one is kept",
        ge=0, le=1,
    )  # fmt: skip
    max_detections: int = option(300, "most predictions per image", unit="labels", ge=1, le=10000)
    predict_batch: int = option(16, "images per step when predicting", unit="images", ge=1, le=1024)

    @property
    def rate(self) -> float:
        """The highest learning rate: for SGD 0.02 per 16 images as in torchvision's references, 1e-4 for Adam's."""
        usual = 0.02 * self.batch / 16 if self.optimizer in ("auto", "SGD", "RMSprop") else 1e-4
        return self.learning_rate or usual

    @model_validator(mode="after")
    def _agree(self) -> "ObjectsConfig":
        family = of_model(self.families, self.model)
        if family and family.name == "yolo" and self.optimizer == "auto" and self.learning_rate is not None:
            raise ValueError("learning_rate needs an optimizer by name (SGD, AdamW, ...): auto chooses its own rate")
        if self.batch == 1 and self.image_size < ALONE:
            raise ValueError(
                f"batch 1 needs an image_size of {ALONE} or more, as one pixel of a single image has no spread to "
                f"normalise by: raise image_size from {self.image_size}, or batch to 2"
            )
        return self
