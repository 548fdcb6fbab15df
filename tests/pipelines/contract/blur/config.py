"""A task of the contract: an image for each sample."""

from typing import ClassVar

from pipelines.config import Offer, TaskConfig, option
from pipelines.families import Family

TITLE, INPUT, OUTPUT, PROTOCOLS = "Blurred images", "bare images", "image", ()
LABEL_KINDS, MODELS, PRESETS = ("detections",), (), {"balanced": {}}


class Config(TaskConfig):
    """One option."""

    families: ClassVar[tuple[Family, ...]] = (
        Family("blur", TITLE, "pipelines.blur", ".*", frozenset({"device", "predict_batch"})),
    )
    predict_batch: int = option(2, "images at a time", ge=1)


def offer(_model: str) -> Offer | None:
    """Nobody offers weights."""
    return None
