"""Mask R-CNN on any images."""

from collections.abc import Sequence

from pipelines.instances.config import Config
from pipelines.instances.mask_rcnn.model import KIND
from pipelines.objects.data import Sample
from pipelines.objects.predict import Batches
from pipelines.rcnn import predict as finding
from pipelines.runs.checkpoints import Checkpoint


def predict(checkpoint: Checkpoint, samples: Sequence[Sample], config: Config, device: str) -> Batches:
    """Yield batches of (number of the sample, its boxes with masks); None for an image that cannot be read."""
    return finding.predict(KIND, checkpoint, samples, config, device)
