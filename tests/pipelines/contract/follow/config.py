"""A task of the contract: labels of frames, with the number of each object."""

from pipelines.config import Offer, TaskConfig

TITLE, INPUT, OUTPUT, PROTOCOLS = "Followed objects", "frames", "frames", ()
LABEL_KINDS, METRICS, MODELS, PRESETS = ("detections",), (), (), {"balanced": {}}


class Config(TaskConfig):
    """No options of its own."""


def offer(_model: str) -> Offer | None:
    """Nobody offers weights."""
    return None
