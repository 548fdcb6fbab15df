"""A task of the contract: labels of frames, with the number of each object."""

from typing import ClassVar

from pipelines.config import Offer, TaskConfig, option
from pipelines.families import Family

TITLE, INPUT, OUTPUT, PROTOCOLS = "Followed objects", "frames", "frames", ()
LABEL_KINDS, MODELS, PRESETS = ("detections",), (), {"balanced": {}}


class Config(TaskConfig):
    """One option."""

    families: ClassVar[tuple[Family, ...]] = (
        Family("follow", TITLE, "pipelines.follow", ".*", frozenset({"device", "predict_batch"})),
    )
    predict_batch: int = option(2, "images at a time", ge=1)


def offer(_model: str) -> Offer | None:
    """Nobody offers weights."""
    return None
