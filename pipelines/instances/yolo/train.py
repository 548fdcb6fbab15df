"""YOLO-seg learns boxes with masks with Ultralytics' own trainer."""

import threading

from pipelines.instances.config import Config, offer
from pipelines.instances.yolo.model import KIND
from pipelines.objects.data import Manifest
from pipelines.runs.events import EventWriter
from pipelines.runs.run import Run
from pipelines.yolo import detecting
from pipelines.yolo import train as learning
from pipelines.yolo.data import prepare
from pipelines.yolo.outlines import lines
from pipelines.yolo.watch import Watch


def train(
    run: Run, config: Config, manifest: Manifest, *, device: str, events: EventWriter, stop: threading.Event
) -> None:
    """Train from the last whole epoch on, if there is one; see `pipelines.instances.train`."""
    splits = {name: manifest.split(name) for name in ("train", "val")}
    source = prepare(run.work / "data", manifest.classes, manifest.revision, splits, lines)
    given = {
        **learning.arguments(run, KIND, config, source, device),
        **detecting.arguments(config),
        "mask_ratio": config.mask_ratio,
    }
    watch = Watch(splits, KIND.figures, config.max_minutes, events, stop, classes=manifest.classes)
    learning.train(
        run, KIND, given, watch, beginning=lambda: beginning(config, events), options=config.model_dump(mode="json")
    )


def beginning(config: Config, events: EventWriter) -> dict[str, object]:
    """What a new training starts from."""
    return learning.beginning(config, offer(config.model), config.nominal_batch, events)
