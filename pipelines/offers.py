"""Who offers pretrained weights: the makers whose addresses several tasks share. Imports no torch."""

from pipelines.config import Offer

ULTRALYTICS = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
TORCHVISION = "https://download.pytorch.org/models"


def ultralytics(model: str) -> Offer:
    """The file of a YOLO model, such as `yolo11n` or `yolo11n-seg`."""
    return Offer(model, f"{model}.pt", f"{ULTRALYTICS}/{model}.pt")


def torchvision(model: str, file: str) -> Offer:
    """A file of torchvision, named as in its weights enums: `<name>-<begin of the SHA-256>.pth`."""
    digits = file.removesuffix(".pth").rpartition("-")[2]
    return Offer(model, file, f"{TORCHVISION}/{file}", sha256=digits)
