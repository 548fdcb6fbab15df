"""Any model on any manifest: one row of boxes with masks per sample."""

import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pipelines import predicting
from pipelines.instances.config import Config
from pipelines.objects import predict as objects
from pipelines.runs import checkpoints
from pipelines.runs.events import EventWriter


def predict(  # noqa: PLR0917 - the contract of every task
    checkpoint: Path,
    manifest: Path,
    out: Path,
    config: Mapping[str, Any],
    events: EventWriter,
    stop: threading.Event,
) -> None:
    """Write the predictions of a checkpoint folder for every sample of a manifest to `out`, masks to a folder beside.

    Of `config` only the options of prediction matter. Raises CheckpointError and what `objects.predict` raises.
    """
    found = checkpoints.load(checkpoint)
    family = import_module(f"pipelines.instances.{found.family}.predict")
    options = predicting.options(Config, objects.OPTIONS, config)
    objects.predict(found, family.predict, manifest, out, options, events, stop, masks=True)
