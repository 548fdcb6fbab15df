"""The options of every task that finds objects. Imports no torch: form, command line and docs are made from them."""

from typing import ClassVar, Literal

from pydantic import model_validator

from datasets.evaluation.thresholds import FLOOR
from pipelines.config import option
from pipelines.training.options import TrainingConfig

Optimizer = Literal["auto", "SGD", "AdamW", "Adam", "NAdam", "RAdam", "RMSprop", "MuSGD"]


class ObjectsConfig(TrainingConfig):
    """Options of YOLO and of the R-CNN family. Defaults are those of Ultralytics 8.4 unless the help says otherwise."""

    bf16_on_cpu: ClassVar[bool] = False

    epochs: int = option(50, "how often every training image is seen", unit="epochs", advanced=False, ge=1, le=5000)
    optimizer: Optimizer = option(  # type: ignore[assignment]
        "auto",
        "auto: for YOLO the choice of Ultralytics (AdamW for short runs, MuSGD for long ones), for R-CNN SGD; "
        "MuSGD is for YOLO only",
    )
    schedule: Literal["cosine", "line", "constant"] = option("line", "how the learning rate falls after warm-up")
    warmup_epochs: float = option(3.0, "epochs over which the learning rate rises", unit="epochs", ge=0, le=100)
    weight_decay: float = option(0.0005, "pull of the weights to zero", ge=0, le=1)
    momentum: float = option(0.937, "momentum of SGD, beta1 of Adam", ge=0, lt=1)
    clip: float = option(10.0, "gradients longer than this are shortened to it; YOLO: always 10", ge=0)
    ema: float = option(
        0.0, "R-CNN: validates and keeps a moving average of the weights with this decay, such as 0.999; 0 for none; "
        "YOLO always does", ge=0, lt=1,
    )  # fmt: skip
    patience: int = option(
        30, "stops when the validation score has not risen for so many epochs; 0 never stops early", unit="epochs", ge=0
    )
    channels_last: bool = option(False, "R-CNN: pixels before channels in memory")

    image_size: int = option(
        640, "longest side of the images that the network sees; a multiple of 32",
        unit="px", advanced=False, ge=32, le=4096, multiple_of=32,
    )  # fmt: skip
    nominal_batch: int = option(
        0,
        "YOLO: images per change of the weights, whose gradients are summed; 0: 64 when learning "
        "starts from weights, as in Ultralytics, and one batch when it starts from scratch",
        unit="images",
        ge=0,
        le=4096,
    )
    freeze: int = option(0, "layers, counted from the image, that do not learn (R-CNN: stages)", ge=0, le=50)

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

    confidence: float = option(FLOOR, "predictions below this confidence are not kept", ge=0, lt=1)
    nms_iou: float = option(0.7, "of two predictions of a class that overlap more than this, one is kept", ge=0, le=1)
    max_detections: int = option(300, "most predictions per image", unit="labels", ge=1, le=10000)
    predict_batch: int = option(16, "images per step when predicting", unit="images", ge=1, le=1024)

    @property
    def family(self) -> str:
        """The folder of the task that trains the model: `yolo`, `faster_rcnn` or `mask_rcnn`."""
        known = {"fasterrcnn": "faster_rcnn", "maskrcnn": "mask_rcnn"}
        return known.get(self.model.partition("_")[0], "yolo")

    @property
    def rate(self) -> float:
        """The highest learning rate: for SGD 0.02 per 16 images as in torchvision's references, 1e-4 for Adam's."""
        usual = 0.02 * self.batch / 16 if self.optimizer in ("auto", "SGD", "RMSprop") else 1e-4
        return self.learning_rate or usual

    @model_validator(mode="after")
    def _agree(self) -> "ObjectsConfig":
        if self.family == "yolo":
            self._check_yolo()
        elif self.optimizer == "MuSGD":
            raise ValueError("optimizer MuSGD is for YOLO models; take auto, SGD or AdamW for R-CNN")
        return self

    def _check_yolo(self) -> None:
        if self.optimizer == "auto" and self.learning_rate is not None:
            raise ValueError("learning_rate needs an optimizer by name (SGD, AdamW, ...): auto chooses its own rate")
        if self.find_learning_rate:
            raise ValueError("find_learning_rate is for R-CNN models; YOLO's optimizer auto chooses its own rate")
        if self.processes > 1:
            raise ValueError("processes above 1 are for R-CNN models; YOLO learns on one GPU here")
