"""The options of classification. Imports no torch: the form, the command line and the docs are made from it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from datasets.evaluation.thresholds import FLOOR
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS
from pipelines import weights
from pipelines.config import Offer, option
from pipelines.families import Family
from pipelines.offers import ultralytics
from pipelines.training.options import TrainingConfig

TITLE = "Classification"
INPUT = "labelled images"
OUTPUT = "labels"
PROTOCOLS = ("one class", "many classes")
LABEL_KINDS = (CLASSIFICATION.name, CLASSIFICATIONS.name)

SMALL = "small_cnn"
SMALL_SIDE = 64  # pixels; images whose sides are all up to this are small ones
HUB = "https://huggingface.co/timm"
TAGS = {  # whose weights timm takes by default; `tests/pipelines/classification/test_config.py` compares
    "resnet18": "a1_in1k",
    "resnet50": "a1_in1k",
    "efficientnet_b0": "ra_in1k",
    "tf_efficientnet_lite0": "in1k",
    "mobilenetv2_100": "ra_in1k",
    "mobilenetv3_large_100": "ra_in1k",
    "convnext_tiny": "in12k_ft_in1k",
    "vit_small_patch16_224": "augreg_in21k_ft_in1k",
    "swin_tiny_patch4_window7_224": "ms_in1k",
}
OTHERS = {"mobilenetv2_100": ("mobilenet_v2-*.pth",)}  # torchvision's name of the same network
YOLO = ("yolo11n-cls", "yolo11s-cls", "yolo11m-cls", "yolov8n-cls")
MODELS: tuple[str, ...] = ("auto", SMALL, *TAGS, *YOLO)
# What `auto` tries for photographs, good ones that two processors can fine-tune first.
AUTO = (
    "efficientnet_b0", "tf_efficientnet_lite0", "resnet18", "mobilenetv2_100", "mobilenetv3_large_100", "resnet50",
    "convnext_tiny", "vit_small_patch16_224", "swin_tiny_patch4_window7_224",
)  # fmt: skip
STAND_IN = "resnet18"  # learns from scratch when none of their weights are here


PREDICTING = frozenset({"confidence", "predict_batch", "workers", "device"})
TIMM_ALONE = frozenset({  # what Ultralytics' trainer of classifiers knows nothing of
    "balance", "head_first", "backbone_rate", "label_smoothing", "mixup", "cutmix", "shift", "colour", "confidence",
    "find_learning_rate", "clip", "ema", "channels_last", "processes", "augment",
})  # fmt: skip


class Config(TrainingConfig):
    """Every option of a classification run. Options left empty are chosen by what the images are: see their help."""

    families: ClassVar[tuple[Family, ...]] = (
        Family(
            "yolo", "YOLO", "pipelines.yolo", r"yolo.*", PREDICTING - TIMM_ALONE,
            inert=TIMM_ALONE, suffixes=(".pt",), pickled=True, part="classify",
        ),
        Family(
            "network", "timm", "pipelines.classification.network", r".*", PREDICTING,
            suffixes=(".safetensors", ".pth", ".bin", ".pt"),
        ),
    )  # fmt: skip

    model: str = option(
        "auto",
        "the network: auto (small_cnn for images up to 64 px, else the first of the suggested ones whose "
        "pretrained weights are on this machine), small_cnn, yolo*-cls, or any name that timm knows",
        advanced=False,
    )
    learn: Literal["all", "head"] = option(
        "all",
        "all: the whole network is fine-tuned; head: the last layer alone, on features computed once per image (a "
        "linear probe: seconds, and close to the best for few photographs; needs pretrained weights)",
        advanced=False,
    )
    epochs: int = option(12, "passes over the training images", unit="epochs", advanced=False, ge=1, le=5000)
    image_size: int = option(
        0, "side of the square that the network sees; 0: what its weights were trained with, 224 without weights, and "
        "the size of the images for small_cnn",
        unit="px", advanced=False, ge=0, le=1024,
    )  # fmt: skip
    batch: int = option(
        0, "images per step; fewer need less memory; 0: 32, and 128 for small_cnn", unit="images", advanced=False,
        ge=0, le=4096,
    )  # fmt: skip
    balance: Literal["none", "weights", "sampling"] = option(
        "none",
        "for imbalanced classes: weights weighs the loss of rare classes more, sampling draws their images more often",
        advanced=False,
    )
    head_first: bool = option(
        True, "fine-tuning starts from the last layer that a linear probe finds, so that pretrained layers are not "
        "pulled away by a random one (Kumar 2022)",
    )  # fmt: skip
    backbone_rate: float = option(
        0.1, "learning rate of pretrained layers, as a fraction of that of the new last layer", ge=0, le=1
    )
    label_smoothing: float = option(
        0.0,
        "label smoothing (Szegedy 2016); for one class per image only",
        ge=0,
        lt=1,
    )
    mixup: float = option(0.0, "alpha of mixup, two images blended (Zhang 2018): 0.2 is usual; 0 for none", ge=0, le=10)
    cutmix: float = option(
        0.0, "alpha of cutmix, a patch of another image (Yun 2019): 1 is usual; 0 for none; with mixup, one of the "
        "two is chosen at random for each batch",
        ge=0, le=10,
    )  # fmt: skip
    dropout: float = option(0.0, "dropout probability before the last layer", ge=0, lt=1)
    crop: float | None = option(
        None,
        "random resized crop: smallest fraction of the image area (Szegedy 2015); 1: the centre crop, as at "
        "prediction; empty: 0.35, and 1 for small images",
        gt=0, le=1,
    )  # fmt: skip
    mirror: float | None = option(
        None,
        "probability of a horizontal flip; empty: 0.5, and 0 for small images, which may be digits or signs",
        ge=0, le=1,
    )  # fmt: skip
    shift: float | None = option(
        None,
        "largest random shift, as a fraction of the side; empty: 0, and 0.1 for small images",
        ge=0, le=0.5,
    )  # fmt: skip
    colour: Literal["auto", "rgb", "grey"] = option(
        "auto", "colour channels of the input; auto: grey for small_cnn if the images have no colour"
    )
    confidence: float = option(
        FLOOR, "for many classes per image: classes below this confidence are discarded", ge=0, lt=1
    )
    predict_batch: int = option(64, "images per step when predicting", unit="images", ge=1, le=4096)


def offer(model: str) -> Offer | None:
    """Weights trained on ImageNet, by the maker of the model: `resnet18`, or with timm's tag `resnet18.a1_in1k`."""
    name, _, tag = model.partition(".")
    if name in (SMALL, "auto"):
        return None
    if name.startswith("yolo"):
        return ultralytics(name)
    tag = tag or TAGS.get(name, "")
    patterns = tuple(
        f"{name}{part}{suffix}"
        for part in ("", ".*", "-*", "_timm*", "_fp16*")
        for suffix in (".safetensors", ".pth", ".bin", ".pt")
    )
    whole = f"{name}.{tag}" if tag else name
    return Offer(
        model, f"{whole}.safetensors", f"{HUB}/{whole}/resolve/main/model.safetensors" if tag else "",
        (*patterns, *OTHERS.get(name, ())),
    )  # fmt: skip


def choose(config: Config, side: int) -> str:
    """The network that learns; `auto` goes by the longest side of the images in pixels and the weights that are here.

    A linear probe needs weights: in a training that finds none `small_cnn` takes its place.
    """
    if config.model != "auto":
        return config.model
    if side <= SMALL_SIDE and config.weights != "pretrained":
        return SMALL
    if config.weights == "none":
        return STAND_IN
    here = (name for name in AUTO if (found := offer(name)) and weights.look(found))
    return next(here, AUTO[0] if config.allow_download else STAND_IN)


# fast: a linear probe; its other options are for the small network that stands in when there are no weights.
# balanced: fine-tuning; 12 epochs end MNIST above 99.3 % and ants and bees above 92 %, each in minutes on two cores.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "fast": {"learn": "head", "epochs": 6},
    "balanced": {"epochs": 12, "ema": 0.998},
    "accurate": {"epochs": 40, "ema": 0.999, "dropout": 0.1, "label_smoothing": 0.1, "mixup": 0.2, "cutmix": 1.0},
}
