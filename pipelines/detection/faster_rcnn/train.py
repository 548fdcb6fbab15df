"""Faster R-CNN learns on the training core."""

import threading

from pipelines.detection.config import Config, offer
from pipelines.detection.faster_rcnn.model import KIND
from pipelines.objects.data import Manifest
from pipelines.rcnn import train as learning
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run


def train(
    run: Run, config: Config, manifest: Manifest, *, device: str, events: EventWriter, stop: threading.Event
) -> None:
    """Train from the last whole epoch on, if there is one; see `pipelines.detection.train`."""
    learning.train(run, KIND, config, offer(config.model), manifest, device=device, events=events, stop=stop)
