"""Pretrained encoders: the suggested ones, and who offers weights of any. Imports no torch."""

from pipelines.config import Offer
from pipelines.offers import torchvision

HUB = "https://huggingface.co"
# Files of torchvision's weights enums (IMAGENET1K_V1) whose networks are encoders of SMP.
TORCHVISION = {
    "mobilenet_v2": "mobilenet_v2-b0353104.pth",
    "resnet18": "resnet18-f37072fd.pth",
    "resnet34": "resnet34-b627a593.pth",
    "resnet50": "resnet50-0676ba61.pth",
    "resnet101": "resnet101-63fe2227.pth",
}
# Which of the weights that timm offers is its first choice, as in its `default_cfgs`.
TIMM = {
    "tu-tf_efficientnet_lite0": "in1k",
    "tu-efficientnet_b0": "ra_in1k",
    "tu-mobilenetv4_conv_small": "e2400_r224_in1k",
    "tu-resnet18": "a1_in1k",
    "tu-convnext_tiny": "in12k_ft_in1k",
    "tu-convnext_small": "in12k_ft_in1k",
}
ENCODERS = (*TORCHVISION, "efficientnet-b0", "mit_b0", "mit_b2", *TIMM)


def offer(model: str) -> Offer | None:
    """ImageNet weights of an encoder: torchvision's, timm's, else those that SMP itself would fetch.

    Any file named after the network counts, since the weights themselves are checked when they are loaded.
    """
    if model in TORCHVISION:
        return torchvision(model, TORCHVISION[model])
    name, _, tag = model.removeprefix("tu-").partition(".")
    if not model.startswith("tu-"):
        return _of_hub(model, f"smp-hub/{model}.imagenet", f"{model}.imagenet", ())
    tag = tag or TIMM.get(model, "")
    return _of_hub(model, f"timm/{name}.{tag}" if tag else "", f"{name}.{tag}" if tag else name, _files(name))


def _of_hub(model: str, repository: str, file: str, names: tuple[str, ...]) -> Offer:
    url = f"{HUB}/{repository}/resolve/main/model.safetensors" if repository else ""
    return Offer(model, f"{file}.safetensors", url, names)


def _files(name: str) -> tuple[str, ...]:
    return tuple(f"{name}{end}.{kind}" for end in ("", ".*", "_*", "-*") for kind in ("safetensors", "pth", "bin"))
