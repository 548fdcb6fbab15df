"""A task of the contract: an image for each sample."""

from pipelines.config import Offer, TaskConfig

TITLE, INPUT, OUTPUT, PROTOCOLS = "Blurred images", "bare images", "image", ()
LABEL_KINDS, METRICS, MODELS, PRESETS = ("detections",), (), (), {"balanced": {}}


class Config(TaskConfig):
    """No options of its own."""


def offer(_model: str) -> Offer | None:
    """Nobody offers weights."""
    return None
