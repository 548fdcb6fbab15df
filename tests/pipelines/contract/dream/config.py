"""A task of the contract: new samples."""

from pipelines.config import Offer, TaskConfig

TITLE, INPUT, OUTPUT, PROTOCOLS = "New images", "bare images", "samples", ()
LABEL_KINDS, METRICS, MODELS, PRESETS = ("detections",), (), (), {"balanced": {}}


class Config(TaskConfig):
    """No options of its own."""


def offer(_model: str) -> Offer | None:
    """Nobody offers weights."""
    return None
