"""A task of the contract: new samples."""

from typing import ClassVar

from pipelines.config import Offer, TaskConfig, option
from pipelines.families import Family

TITLE, INPUT, OUTPUT, PROTOCOLS = "New images", "bare images", "samples", ()
LABEL_KINDS, MODELS, PRESETS = ("detections",), (), {"balanced": {}}


class Config(TaskConfig):
    """One option."""

    families: ClassVar[tuple[Family, ...]] = (
        Family("dream", TITLE, "pipelines.dream", ".*", frozenset({"device", "predict_batch"})),
    )
    predict_batch: int = option(2, "images at a time", ge=1)


def offer(_model: str) -> Offer | None:
    """Nobody offers weights."""
    return None
