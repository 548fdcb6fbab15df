"""Training a classifier."""

import threading

from pipelines.classification.config import Config
from pipelines.classification.data import for_training
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.training import families


def train(run: Run, events: EventWriter, stop: threading.Event) -> None:
    """Train on the manifest of `run`, see `pipelines.training.families`.

    Raises DataError, ConfigError, WeightsMissing, CheckpointError, OutOfMemory, Stopped.
    """
    families.train("classification", Config, for_training, run, events=events, stop=stop)
