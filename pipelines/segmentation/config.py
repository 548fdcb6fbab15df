"""The options of semantic segmentation. Imports no torch: the form, the command line and the docs are made from it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from datasets.kinds import SEGMENTATION
from pipelines.augment import Step
from pipelines.config import option
from pipelines.families import Family
from pipelines.segmentation.offers import ENCODERS, offer
from pipelines.training import options
from pipelines.training.options import TrainingConfig

__all__ = ["INPUT", "LABEL_KINDS", "MODELS", "OUTPUT", "PRESETS", "PROTOCOLS", "TITLE", "Config", "offer"]

TITLE = "Semantic segmentation"
INPUT = "labelled images"
OUTPUT = "labels"
PROTOCOLS = ("semantic masks",)
LABEL_KINDS = (SEGMENTATION.name,)
MODELS: tuple[str, ...] = ENCODERS

Architecture = Literal[
    "unet", "unetplusplus", "manet", "linknet", "fpn", "pspnet", "deeplabv3", "deeplabv3plus", "pan", "upernet",
    "segformer", "dpt",
]  # fmt: skip
Loss = Literal["ce+dice", "ce", "dice", "focal", "focal+dice", "lovasz", "ce+lovasz"]
RATES = {**options.RATES, "AdamW": 2e-3}  # of the decoder, which begins from nothing
VIT = "tu-vit_base_patch16_224.augreg_in21k"
POOLED = ("pspnet", "deeplabv3", "deeplabv3plus", "pan", "upernet")  # normalise what is pooled to one value per image

AUGMENT = (
    Step(name="HorizontalFlip", p=0.5),
    Step(
        name="ColorJitter",
        p=0.7,
        options={"brightness": (0.7, 1.3), "contrast": (0.7, 1.3), "saturation": (0.7, 1.3), "hue": (-0.02, 0.02)},
    ),
)


PREDICTING = frozenset({"window", "overlap", "flip", "predict_batch", "precision", "workers", "device"})


class Config(TrainingConfig):
    """Every option of a run of semantic segmentation."""

    families: ClassVar[tuple[Family, ...]] = (
        Family("smp", "SMP", "pipelines.segmentation", r".+", PREDICTING, lower=("batch", "crop_size", "model")),
    )

    architecture: Architecture = option(
        "fpn",
        "the decoder; fpn and segformer are light, unet is the usual one for medical images, deeplabv3plus and "
        "upernet have large receptive fields, dpt needs a vision transformer",
        advanced=False,
    )
    model: str = option(
        "mobilenet_v2",
        "the encoder: one of segmentation-models-pytorch (mobilenet_v2, resnet34, mit_b2, ...) or "
        "tu-<name> for any model of timm (tu-convnext_tiny)",
        advanced=False,
        min_length=1,
    )
    epochs: int = option(40, "passes over the training images", unit="epochs", advanced=False, ge=1, le=5000)
    batch: int = option(8, "crops per step; fewer need less memory", unit="images", advanced=False, ge=1, le=1024)
    image_size: int = option(
        0, "larger images are first downscaled to this longest side; 0 keeps the full resolution", unit="px",
        advanced=False, ge=0, le=16384,
    )  # fmt: skip
    crop_size: int = option(
        320, "side of the random square crops that the network is trained on; a multiple of 32", unit="px",
        advanced=False, ge=64, le=4096, multiple_of=32,
    )  # fmt: skip
    scale_low: float = option(0.7, "random scale of the image before cropping: the smallest factor", gt=0.05, le=1)
    scale_high: float = option(1.6, "random scale of the image before cropping: the largest factor", ge=1, le=8)
    loss: Loss = option(
        "ce+dice",
        "loss: cross-entropy (ce) weighs pixels equally, dice weighs classes equally, focal (Lin et al. 2017) "
        "emphasises hard pixels, lovasz (Berman et al. 2018) approximates IoU",
        advanced=False,
    )
    class_weights: Literal["none", "balanced"] = option(
        "balanced", "balanced: rare classes weigh more in ce and focal, by 1 / ln(1.02 + share of pixels), as in ENet"
    )
    label_smoothing: float = option(0.0, "label smoothing of the cross-entropy", ge=0, lt=1)
    encoder_rate: float = option(
        0.3, "learning rate of a pretrained encoder, as a fraction of the decoder's; 0 freezes the encoder", ge=0, le=1
    )
    ema: float = option(
        0.99,
        "decay of an exponential moving average of the weights, which is validated and kept, such as 0.999; 0 for none",
        ge=0,
        lt=1,
    )
    warmup_epochs: float = option(3.0, "epochs over which the learning rate rises", unit="epochs", ge=0, le=100)
    augment: tuple[Step, ...] = option(AUGMENT, "augmentation steps for the crops, in this order")

    window: int = option(
        0,
        "side of the sliding window for large images; images up to twice as large are predicted whole; "
        "0: the size of the crops",
        unit="px",
        ge=0,
        le=8192,
    )
    overlap: float = option(0.5, "overlap of neighbouring windows, as a fraction (nnU-Net: half)", ge=0, le=0.9)
    flip: bool = option(
        False,
        "test-time augmentation: average with the prediction of the mirrored image; twice the time, a little better",
    )
    predict_batch: int = option(8, "images or windows per step when predicting", unit="images", ge=1, le=1024)

    @property
    def rate(self) -> float:
        """The highest learning rate, that of the decoder."""
        return self.learning_rate or RATES[self.optimizer]

    @property
    def window_size(self) -> int:
        """Side of the windows of prediction, in pixels."""
        return self.window or self.crop_size

    @model_validator(mode="after")
    def _agree(self) -> "Config":
        if self.weights == "none" and not self.encoder_rate:
            raise ValueError("encoder_rate=0 keeps the encoder as it is, which needs pretrained weights; found none")
        if self.batch == 1 and self.architecture in POOLED:
            raise ValueError(f"{self.architecture} needs batches of 2 or more: it normalises one value per image")
        if self.architecture == "dpt" and not self.model.startswith("tu-"):
            raise ValueError(f"dpt needs a vision transformer of timm as model, such as {VIT}; found {self.model!r}")
        return self


# balanced: on CamVid (367 images, 11 classes) a mIoU of 0.62 on test after 43 minutes on two busy cores.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "fast": {"architecture": "fpn", "model": "mobilenet_v2", "epochs": 15, "crop_size": 256},
    "balanced": {"architecture": "unet", "model": "mobilenet_v2", "epochs": 24, "crop_size": 320, "flip": True},
    "accurate": {
        "architecture": "upernet", "model": "tu-convnext_tiny", "epochs": 100, "crop_size": 512, "flip": True,
        "learning_rate": 5e-4, "ema": 0.999,
    },
}  # fmt: skip
